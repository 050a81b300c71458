package org.lguest.usernet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that waits: for the Host's sockets and for deadlines. What it finds is done under the network's lock, as is
 * all that the guest's queue threads do; so nothing else in this bundle knows threads.
 */
final class HostLoop {
    private static final Logger LOG = LoggerFactory.getLogger(HostLoop.class);
    static final int MAX_CHANNELS = 900;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Whoever owns a channel. */
    interface Handler {
        /** The channel is ready for one of {@code ops}, bits of {@link SelectionKey}. Under the lock. */
        void ready(int ops);
    }

    private final UserNet net;
    private final Selector selector;
    private final Thread thread;
    private volatile boolean waiting;

    HostLoop(UserNet net, String name) throws IOException {
        this.net = net;
        selector = Selector.open();
        thread = Thread.ofPlatform().daemon().name("usernet " + name).unstarted(this::run);
    }

    void start() { thread.start(); }

    /** Watches a channel; it is made non-blocking. Under the lock. */
    SelectionKey watch(SelectableChannel channel, int ops, Handler handler) throws IOException {
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, ops, handler);
        wake();
        return key;
    }

    /** Says what to wait for from now on. Under the lock. */
    void interest(SelectionKey key, int ops) {
        if (!key.isValid() || key.interestOps() == ops) return;
        key.interestOps(ops);
        wake();
    }

    /** Has the thread look again at channels and deadlines. */
    void wake() {
        if (waiting && Thread.currentThread() != thread) selector.wakeup();
    }

    /** Channels that are watched, and those closed of which the thread has not let go yet: files of the Host, all of them. */
    int channels() { return selector.isOpen() ? selector.keys().size() : 0; }

    /**
     * Whether there are so many that new ones have to wait. A guest that opens and closes faster than this bundle's thread gets
     * to run would otherwise use up the Host's files.
     */
    boolean crowded() { return channels() >= MAX_CHANNELS; }

    private void run() {
        try {
            List<SelectionKey> found = new ArrayList<>();
            while (true) {
                found.clear();
                select(found::add);
                if (!net.look(() -> found.forEach(HostLoop::serve))) return;
            }
        } catch (ClosedSelectorException e) {
            LOG.trace("closed", e);
        } catch (IOException | RuntimeException | Error e) { // our own mistake: the guest has to know that its network is gone
            LOG.error("the network's thread failed", e);
            net.broken(e);
        }
    }

    private void select(java.util.function.Consumer<SelectionKey> found) throws IOException {
        waiting = true; // before the deadline is looked up: who sets an earlier one from now on wakes us
        try {
            long nanos = net.untilNext();
            if (nanos == 0) selector.selectNow(found);
            else selector.select(found, nanos < 0 ? 0 : Math.max(1, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI));
        } finally {
            waiting = false;
        }
    }

    private static void serve(SelectionKey key) {
        try {
            if (key.isValid()) ((Handler) key.attachment()).ready(key.readyOps());
        } catch (CancelledKeyException e) {
            LOG.trace("closed by one served before it", e);
        }
    }

    /** Ends the thread and lets go of all closed channels. Not under the lock. */
    void close() {
        try {
            selector.close();
            if (Thread.currentThread() != thread) thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (IOException e) {
            throw new UncheckedIOException("closing a selector", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
