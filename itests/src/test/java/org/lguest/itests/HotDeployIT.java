package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Host;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** A jar dropped into {@code load/} takes its seats under running guests, and gives them back when it is deleted. */
@OnThePlatform
@Timeout(1800)
class HotDeployIT {
    @Inject private Host host;
    @Inject private BundleContext context;

    /** A guest with a device of each kind, and one of before virtio. */
    private List<Session> guests() throws Exception {
        Session rex = Session.puppy(host, false, new GuestSpec.Device(DeviceType.BLOCK, "mem:1M"), new GuestSpec.Device(DeviceType.RNG, "host:"),
            new GuestSpec.Device(DeviceType.NET, "user:"), new GuestSpec.Device(DeviceType.NET, "switch:load"));
        Session old = new Session(host, host.start(new GuestSpec(null, 32, Path.of("puppy-classic"), null, "",
            List.of(new GuestSpec.Device(DeviceType.BLOCK, "mem:1M")), null)));
        return List.of(rex, old);
    }

    /** The seats in which somebody of this bundle sits. */
    private List<String> seats(Guest guest, String bundle) {
        return host.seats(guest).stream().filter(l -> l.contains(": " + bundle + " ")).map(l -> guest + " " + l.substring(0, l.indexOf(':'))).toList();
    }

    private List<String> seats(List<Session> guests, String bundle) { return guests.stream().flatMap(s -> seats(s.guest, bundle).stream()).toList(); }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "mmu", "switcher", "hypercalls", "clock", "device.console", "device.block", "device.net", "device.rng",
        "device.classic", "backends", "netbackends", "usernet", "launcher"})
    void whoIsDroppedIntoTheFolderTakesOverUntilHeIsDeleted(String part) throws Exception {
        String usual = "org.lguest." + part, better = usual + ".better";
        List<Session> guests = guests();
        try (Session rex = guests.getFirst(); Session old = guests.getLast()) {
            for (Session s : guests) s.await("puppy> ");
            List<String> seats = seats(guests, usual);
            assertFalse(seats.isEmpty());
            Path jar = drop(usual, better);
            try {
                assertTrue(Await.until(() -> seats(guests, better).equals(seats)), () -> host.seats(rex.guest) + "\n" + host.seats(old.guest));
                for (Session s : guests) assertTrue(s.puppy("echo with the new one").contains("with the new one"));
            } finally {
                Files.delete(jar);
            }
            assertTrue(Await.until(() -> seats(guests, usual).equals(seats)), () -> host.seats(rex.guest) + "\n" + host.seats(old.guest));
            for (Session s : guests) assertTrue(s.puppy("echo with the old one").contains("with the old one"));
        }
    }

    /** The shell has no seat in a guest's machine: Gogo takes the commands of the highest ranking. */
    @Test
    void soDoesAShell() throws Exception {
        Path jar = drop("org.lguest.shell", "org.lguest.shell.better");
        try {
            assertTrue(Await.until(() -> shell().equals("org.lguest.shell.better")), this::shell);
        } finally {
            Files.delete(jar);
        }
        assertTrue(Await.until(() -> shell().equals("org.lguest.shell")), this::shell);
    }

    private String shell() {
        try {
            ServiceReference<?>[] all = context.getAllServiceReferences("org.lguest.shell.LguestCommands", "(osgi.command.scope=lguest)");
            return all == null ? "" : Stream.of(all).max(ServiceReference::compareTo).orElseThrow().getBundle().getSymbolicName();
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Made beside the folder that is watched, since half a jar is none. */
    private static Path drop(String bundle, String name) throws Exception {
        Path ready = Twin.of(bundle, name, 100, Distribution.home().resolve(name + ".new"));
        return Files.move(ready, Distribution.home().resolve("load").resolve(name + ".jar"), StandardCopyOption.ATOMIC_MOVE);
    }
}
