package org.lguest.shell;

import java.util.concurrent.locks.LockSupport;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.ConsoleHub;
import org.lguest.api.part.Host;
import org.lguest.api.state.DeviceState;

/**
 * A line to a guest's console that holds when the backend behind the console is replaced: it looks whether there is another
 * one now, and attaches to it.
 */
final class ConsoleLink implements AutoCloseable {
    private static final long LOOK_NANOS = 100_000_000;

    private final Host host;
    private final Guest guest;
    private final DeviceState device;
    private final ConsoleHub.Reader reader;
    private final Thread keeper;
    private ConsoleHub hub;
    private ConsoleHub.Attachment attachment;
    private boolean closed;

    /**
     * Attaches to the guest's last console.
     *
     * @param replay first what was written before
     * @throws UsageException when the guest has no console that one can attach to
     */
    ConsoleLink(Host host, Guest guest, ConsoleHub.Reader reader, boolean replay) throws UsageException {
        this.host = host;
        this.guest = guest;
        this.reader = reader;
        device = guest.devicePage().devices().stream().filter(d -> d.type == DeviceType.CONSOLE).reduce((a, b) -> b)
            .orElseThrow(() -> new UsageException(guest + " has no console"));
        if (!attach(replay)) throw new UsageException("nobody can attach to the console of " + guest + ", " + device.spec);
        keeper = Thread.ofVirtual().name("console line to " + guest).start(this::keep);
    }

    private synchronized boolean attach(boolean replay) {
        if (closed || !(host.backend(guest, device).orElse(null) instanceof ConsoleHub now)) return false;
        if (now == hub) return true;
        if (attachment != null) attachment.close();
        hub = now;
        attachment = now.attach(reader, replay);
        notifyAll();
        return true;
    }

    private void keep() {
        while (!guest.dead() && !Thread.interrupted()) {
            LockSupport.parkNanos(this, LOOK_NANOS);
            attach(true); // a new hub remembers only what was written to it
        }
    }

    /** Types; waits while the guest does not take it. Dropped when the guest is dead. */
    void feed(byte[] bytes, int offset, int length) throws InterruptedException {
        ConsoleHub to;
        synchronized (this) { to = hub; }
        if (!guest.dead()) to.feed(bytes, offset, length);
    }

    /** Detaches. */
    @Override
    public synchronized void close() {
        closed = true;
        keeper.interrupt();
        attachment.close();
    }
}
