package org.lguest.shell;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.lguest.api.Ending;
import org.lguest.api.Guest;

/** A guest's console in a session of the shell, until {@code ^]} or the guest's end; a restarted guest is followed. */
final class ConsoleSession {
    private static final byte DETACH = 0x1D; // ^]
    private static final long LOOK_MILLIS = 50;
    private static final long RESTART_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Guests guests;
    private final Keys keys;
    private final OutputStream out;
    private final Window window;

    /** A session; without a terminal {@code window} is null. */
    ConsoleSession(Guests guests, Keys keys, OutputStream out, Window window) {
        this.window = window;
        this.guests = guests;
        this.keys = keys;
        this.out = out;
    }

    /** Returns a sentence that says why it is over. */
    String run(Guest guest) throws UsageException, IOException, InterruptedException {
        for (Guest now = guest;;) {
            if (attached(now)) return "detached from " + now;
            if (guests.closing()) return "detached from " + now + ", since the shell is being replaced";
            Ending ending = now.endingNow();
            Optional<Guest> next = ending.kind() == Ending.Kind.RESTART ? successor(now) : Optional.empty();
            if (next.isEmpty()) return now + " has ended: " + ending;
            now = next.get();
        }
    }

    /** True when the user detached, false when the guest ended, or the shell does. */
    private boolean attached(Guest guest) throws UsageException, IOException, InterruptedException {
        try (ConsoleLink line = new ConsoleLink(guests.host(), guest, this::show, true)) {
            if (window != null) window.show(line::resize);
            while (!guest.dead() && !guests.closing()) {
                byte[] typed = keys.read(LOOK_MILLIS);
                int end = indexOf(typed, DETACH);
                line.feed(typed, 0, end < 0 ? typed.length : end);
                if (end >= 0) return true;
            }
            return false;
        }
    }

    private static int indexOf(byte[] bytes, byte wanted) {
        for (int i = 0; i < bytes.length; i++) if (bytes[i] == wanted) return i;
        return -1;
    }

    private void show(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // detaches this reader
        }
    }

    private Optional<Guest> successor(Guest guest) {
        for (long end = System.nanoTime() + RESTART_NANOS; System.nanoTime() < end && !guests.closing();) {
            Optional<Guest> next = guests.host().find(guest.name())
                .filter(g -> g != guest && !g.dead() && g.vcpu() != null); // before that its console may not be there
            if (next.isPresent()) return next;
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        }
        return Optional.empty();
    }
}
