package org.lguest.host;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.lguest.api.Control;
import org.lguest.api.ControlException;
import org.lguest.api.Guest;
import org.lguest.api.abi.KillText;

/**
 * L:220 The core of the Launcher as Linux 2.6.23 had it, which runs the Guest, serves its input and output, and lays it to rest.
 *
 * <p>It reads from the {@link Control} device. Mostly that returns because the Guest has sent something: the device whose key that is takes it.
 * Sometimes it returns because the Waker broke in: then there is input, and every device looks for its. And once it returns because the
 * Guest is dead.
 *
 * <p>The Waker. While the Launcher waits for the Guest it cannot wait for a terminal, a disk and a network as well. The original forks
 * a process that does, and breaks into the Launcher's read when one of them has something; here that is a thread. A break holds the one
 * who breaks in until the Launcher has seen to it, so it never breaks in twice for the same thing.
 */
final class LauncherThread {
    /** Messages to nobody that are told in the guest's log. */
    private static final int TOLD = 8;

    private final Guest guest;
    private final Supplier<List<DeviceSlot>> devices;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private volatile Throwable failure;
    private int astray;

    /** Starts both. */
    LauncherThread(Guest guest, Supplier<List<DeviceSlot>> devices) {
        this.guest = guest;
        this.devices = devices;
        guest.ending().thenRun(() -> desks().forEach(Desk::leave));
        Thread.ofVirtual().name("launcher " + guest).start(this::run);
        Thread.ofVirtual().name("waker " + guest).start(this::watch);
    }

    private List<Desk> desks() { return devices.get().stream().map(DeviceSlot::desk).toList(); }

    /** Completes after the guest's death, when nobody is inside a device. */
    CompletableFuture<Void> finished() { return finished; }

    /** What a model threw; null when none did. */
    Throwable failure() { return failure; }

    private void run() {
        try {
            while (!done(guest.control().read()));
        } catch (ControlException | InterruptedException | RuntimeException | Error e) { // a model broke its contract: the guest dies, the host lives
            failure = e;
            guest.kill("a device failed: " + e);
        } finally {
            finished.complete(null);
        }
    }

    private boolean done(Control.Reading reading) throws ControlException, InterruptedException {
        switch (reading) {
            case Control.Sent s -> output(s);
            case Control.Broken b -> input();
            case Control.Died d -> { } // the next read tells why; the guest's log has it already
            case Control.Reason r -> {
                return true;
            }
        }
        return false;
    }

    private void output(Control.Sent sent) throws InterruptedException {
        for (Desk d : desks()) {
            if (!d.means(sent.key())) continue;
            d.serveAtLast();
            if (!guest.dma().pending()) return;
        }
        if (!guest.dead() && astray++ < TOLD)
            guest.log().add("a message at " + KillText.hex(sent.dma()) + " for nobody: the key is " + KillText.hex(sent.key()));
    }

    private void input() throws ControlException {
        for (Desk d : desks()) d.input();
        if (!guest.dead()) letGo();
    }

    private void letGo() throws ControlException {
        try {
            guest.control().breakOut(false);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // nobody waits to let go
        } catch (ControlException e) {
            if (!guest.dead()) throw e;
        }
    }

    private void watch() {
        try {
            while (guest.control().awaitInput()) guest.control().breakOut(true);
        } catch (ControlException e) {
            if (!guest.dead()) guest.kill("the waker failed: " + e.getMessage());
        } catch (InterruptedException e) {
            guest.kill("the waker was interrupted");
        }
    }
}
