package org.lguest.netbackends;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.lguest.api.Guest;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.NetBackend;
import org.lguest.api.part.PeerNetwork;

/**
 * A backend that stays while the one that it stands for is replaced. While there is none nothing is taken and nothing comes; frames
 * wait at the card.
 */
final class Plug implements NetBackend {
    private final Guest guest;
    private final String scheme, rest;
    private final Consumer<Plug> closed;
    private final ReentrantReadWriteLock inside = new ReentrantReadWriteLock(); // read: inside the other; write: it changes
    private BackendProvider provider;
    private NetBackend other;
    private long offloads;
    private boolean over;
    private byte[] left = {};
    private volatile Runnable wake = () -> { };

    Plug(Guest guest, String spec, Consumer<Plug> closed) throws IOException {
        int colon = spec.indexOf(':');
        if (colon <= 0) throw new IOException("'" + spec + "' does not say what the card is plugged into: want SCHEME:... such as switch:NAME");
        this.guest = guest;
        this.closed = closed;
        scheme = spec.substring(0, colon);
        rest = spec.substring(colon + 1);
    }

    String scheme() { return scheme; }

    /** Opens the other. */
    void open(BackendProvider by) throws IOException {
        inside.writeLock().lock();
        try {
            Backend opened = by.open(guest, rest);
            if (!(opened instanceof NetBackend net)) {
                opened.close();
                throw new IOException(scheme + (opened instanceof PeerNetwork ? ": has no wire that anything could be put in front of" : ": is not for net devices"));
            }
            provider = by;
            other = net;
            offloads = net.offloads();
            if (left.length > 0) net.takeOver(left);
            left = new byte[0];
            net.onReady(() -> wake.run());
        } finally {
            inside.writeLock().unlock();
        }
        wake.run();
    }

    /** Changes to another provider, or to none. Returns when nobody is inside the backend of the one before. */
    void seat(BackendProvider next) {
        inside.writeLock().lock();
        try {
            if (next == provider || over) return;
            if (other != null) left = other.handOver();
            leave();
            if (next != null) open(next);
        } catch (IOException e) { // as when a backend of the card's own cannot be opened again: it waits for the next change
            guest.log().add(scheme + ":" + rest + ": " + e.getMessage());
        } finally {
            inside.writeLock().unlock();
        }
    }

    private void leave() {
        if (other != null) other.close();
        other = null;
        provider = null;
    }

    @Override
    public long offloads() {
        inside.readLock().lock();
        try {
            return other == null ? offloads : other.offloads();
        } finally {
            inside.readLock().unlock();
        }
    }

    @Override
    public byte[] mac() {
        inside.readLock().lock();
        try {
            return other == null ? null : other.mac();
        } finally {
            inside.readLock().unlock();
        }
    }

    @Override
    public boolean send(byte[] packet, int length) {
        inside.readLock().lock();
        try {
            return other != null && other.send(packet, length);
        } finally {
            inside.readLock().unlock();
        }
    }

    @Override
    public int receive(byte[] to) {
        inside.readLock().lock();
        try {
            return other == null ? 0 : other.receive(to);
        } finally {
            inside.readLock().unlock();
        }
    }

    @Override
    public void onReady(Runnable wake) {
        this.wake = wake;
        wake.run();
    }

    @Override
    public String describe() {
        inside.readLock().lock();
        try {
            return other == null ? scheme + ":" + rest + " (closed)" : other.describe();
        } finally {
            inside.readLock().unlock();
        }
    }

    /** What the other leaves, or has left to a successor that has not come yet. */
    @Override
    public byte[] handOver() {
        inside.writeLock().lock();
        try {
            return other == null ? left : other.handOver();
        } finally {
            inside.writeLock().unlock();
        }
    }

    @Override
    public void takeOver(byte[] state) {
        inside.writeLock().lock();
        try {
            if (other == null) left = state;
            else other.takeOver(state);
        } finally {
            inside.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        inside.writeLock().lock();
        try {
            over = true;
            leave();
        } finally {
            inside.writeLock().unlock();
        }
        closed.accept(this);
    }
}
