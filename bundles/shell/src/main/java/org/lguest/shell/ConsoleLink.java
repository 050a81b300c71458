package org.lguest.shell;

import java.util.concurrent.TimeUnit;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.ConsoleHub;
import org.lguest.api.part.Host;
import org.lguest.api.state.DeviceState;

/**
 * A line to a guest's console that holds when the backend behind the console is replaced: it looks whether there is another
 * one now, and goes on there where it was; nothing is shown twice, and nothing typed is lost.
 */
final class ConsoleLink implements AutoCloseable {
    private static final long LOOK_MILLIS = 100;

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
        device = guest.devicePage().devices().stream().filter(d -> d.type.alike(DeviceType.CONSOLE)).reduce((a, b) -> b)
            .orElseThrow(() -> new UsageException(guest + " has no console"));
        if (!attach(replay ? 0 : Long.MAX_VALUE)) throw new UsageException("nobody can attach to the console of " + guest + ", " + device.spec);
        keeper = Thread.ofVirtual().name("console line to " + guest).start(this::keep);
    }

    private synchronized boolean attach(long position) {
        if (closed || !(host.backend(guest, device).orElse(null) instanceof ConsoleHub now)) return false;
        if (now == hub) return true;
        if (attachment != null) attachment.close();
        hub = now;
        attachment = now.attach(reader, attachment == null ? position : attachment.position());
        notifyAll();
        return true;
    }

    private void keep() {
        while (!guest.dead() && !Thread.interrupted()) {
            java.util.concurrent.locks.LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
            attach(0);
        }
        synchronized (this) { notifyAll(); }
    }

    /** Types; waits while the guest does not take it, or nobody is there to take it for it. Dropped when the guest is dead. */
    void feed(byte[] bytes, int offset, int length) throws InterruptedException {
        ConsoleHub to = current();
        for (int at = 0; to != null; to = otherThan(to)) {
            at += to.feed(bytes, offset + at, length - at);
            if (at == length) return;
        }
    }

    private synchronized ConsoleHub current() { return hub; }

    /** Null when there will be none. */
    private synchronized ConsoleHub otherThan(ConsoleHub old) throws InterruptedException {
        while (hub == old && !closed && !guest.dead()) wait(LOOK_MILLIS);
        return hub == old ? null : hub;
    }

    /** Tells the size of the screen. */
    void resize(ConsoleBackend.Size size) { current().resize(size); }

    /** Detaches. */
    @Override
    public synchronized void close() {
        closed = true;
        keeper.interrupt();
        attachment.close();
        notifyAll();
    }
}
