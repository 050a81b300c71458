package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.ConsoleHub;
import org.lguest.api.part.Host;
import org.lguest.api.state.DeviceState;

/** A guest and its console, as a user at a terminal has them: type, and wait for an answer. */
final class Session implements AutoCloseable {
    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(5);

    final Guest guest;
    private final Host host;
    private final DeviceState device;
    private final StringBuilder screen = new StringBuilder();
    private ConsoleHub console;
    private ConsoleHub.Attachment attachment;
    private int seen;

    Session(Host host, Guest guest) {
        this.host = host;
        this.guest = guest;
        device = guest.devicePage().devices().stream().filter(d -> d.type.alike(DeviceType.CONSOLE)).findFirst().orElseThrow();
        console = (ConsoleHub) host.backend(guest, device).orElseThrow();
        attachment = console.attach(this::print, true);
    }

    /** The console of this moment; when it is another one, the session goes on there. */
    private ConsoleHub console() {
        ConsoleHub now = (ConsoleHub) host.backend(guest, device).orElse(null);
        synchronized (this) {
            if (now != null && now != console) {
                attachment.close();
                attachment = now.attach(this::print, attachment.position());
                console = now;
            }
            return console;
        }
    }

    /** Ends and forgets every guest, whatever a test has left. */
    static void endAll(Host host) {
        host.guests().forEach(g -> {
            g.kill("the test is over");
            host.forget(g);
        });
    }

    /** Starts the bundled guest, {@code pae} or not, with these devices. */
    static Session puppy(Host host, boolean pae, GuestSpec.Device... devices) throws LaunchException {
        return new Session(host, host.start(new GuestSpec(null, 32, null, null, "", List.of(devices), pae)));
    }

    private synchronized void print(byte[] bytes, int offset, int length) {
        screen.append(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
        notifyAll();
    }

    /** Waits until {@code text} appears behind what was awaited before; answers what stood before it. */
    synchronized String await(String text) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        for (int at; (at = screen.indexOf(text, seen)) < 0;) {
            long left = end - System.nanoTime();
            if (left <= 0 || guest.dead() && screen.indexOf(text, seen) < 0)
                fail("'" + text + "' did not appear; the guest is " + guest.life() + ", " + guest.endingNow() + "; the screen shows:\n" + screen);
            TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, TimeUnit.MILLISECONDS.toNanos(50)));
            console();
        }
        int at = screen.indexOf(text, seen);
        String before = screen.substring(seen, at);
        seen = at + text.length();
        return before;
    }

    /** All that the guest has written. */
    synchronized String screen() { return screen.toString(); }

    /** Types a line. */
    void type(String line) throws InterruptedException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < bytes.length && !guest.dead();) at += console().feed(bytes, at, bytes.length - at);
    }

    /** Types a command of puppy's and answers what it printed. */
    String puppy(String command) throws InterruptedException {
        type(command);
        await(command);
        return await("puppy> ");
    }

    /** How the guest ends, soon. */
    Ending ending() throws Exception {
        try {
            return guest.ending().get(300, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return fail("the guest lives on; the screen shows:\n" + screen, e);
        }
    }

    @Override
    public void close() {
        attachment.close();
        guest.kill("end of test");
        host.forget(guest);
    }
}
