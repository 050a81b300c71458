package org.lguest.launcher;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.Host;
import org.lguest.api.part.KernelSource;
import org.lguest.api.part.Launcher;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * L:010 The Launcher makes Guests. It reads a kernel as a boot loader would, puts it into memory that so far holds nothing
 * but zeros, writes down in the boot page what the kernel wants to know about its machine, builds the page tables that old
 * kernels expect to run on, and points the processor at the first instruction. Then it steps back: it keeps nothing of a
 * Guest, and may be replaced while its Guests run.
 *
 * <p>Everything that can be wrong with a kernel or an initrd is looked for before there is a Guest: "init not found" from
 * within a kernel is a poor way to learn that a copy broke off.
 */
@Component
public final class LguestLauncher implements Launcher {
    private static final Logger LOG = LoggerFactory.getLogger(LguestLauncher.class);

    private final Host host;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<KernelSource> sources;

    /** Called by Declarative Services. */
    @Activate
    public LguestLauncher(@Reference Host host) {
        this(host, List.of());
    }

    /** With fixed sources, until others come. */
    LguestLauncher(Host host, List<KernelSource> sources) {
        this.host = host;
        this.sources = sources;
    }

    @Override
    public Guest launch(GuestSpec spec) throws LaunchException {
        Layout.check(spec.memoryMiB());
        long began = System.nanoTime();
        try (Arena files = Arena.ofShared()) { // closed after the checker, which reads from it
            Guest guest = prepare(spec, files).build(host::admit);
            LOG.debug("{} launched in {} ms", guest, (System.nanoTime() - began) / 1_000_000);
            return guest;
        }
    }

    private GuestBuilder prepare(GuestSpec spec, Arena files) throws LaunchException {
        InputFile kernelFile = InputFile.kernel(spec, () -> sources, files);
        Initrd initrd = spec.initrd() == null ? null : Initrd.of(InputFile.map("initrd", spec.initrd(), files));
        List<String> notes = new ArrayList<>();
        try (ExecutorService checker = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("lguest-initrd").factory())) {
            List<String> initrdNotes = new ArrayList<>();
            Future<String> verdict = initrd == null ? null : checker.submit(() -> initrd.verify(initrdNotes));
            KernelImage kernel = KernelImage.of(kernelFile, notes);
            KernelFacts facts = KernelFacts.of(kernel);
            byte[] commandLine = BootPage.commandLine(spec.commandLine(), kernel.commandLineBytes());
            Layout layout = Layout.of(spec.memoryMiB(), kernel, initrd == null ? 0 : initrd.bytes().byteSize(), pae(spec, facts));
            Suitability.check(kernelFile.name(), facts, layout, notes);
            String initrdForm = verdict == null ? null : await(verdict);
            notes.addAll(initrdNotes);
            notes.add(Summary.of(kernelFile.name(), kernel, facts, layout, initrd, initrdForm));
            return new GuestBuilder(spec, kernel, facts.generation(), commandLine, layout, initrd, notes);
        }
    }

    private static boolean pae(GuestSpec spec, KernelFacts facts) {
        return spec.pae() != null ? spec.pae() : Boolean.TRUE.equals(facts.pae());
    }

    private static <T> T await(Future<T> future) throws LaunchException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case LaunchException l -> throw l;
                case Throwable t -> throw new LaunchException("the initrd cannot be checked: " + t, t);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LaunchException("the launch was interrupted", e);
        }
    }
}
