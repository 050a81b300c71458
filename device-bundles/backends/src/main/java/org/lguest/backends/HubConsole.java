package org.lguest.backends;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.lguest.api.part.ConsoleHub;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** See {@link ConsoleHub}. Two ring buffers: output that has been, input that will be. */
final class HubConsole implements ConsoleHub {
    private static final Logger LOG = LoggerFactory.getLogger(HubConsole.class);
    private static final int KEPT = 64 * 1024;

    private final Ring scrollback = new Ring(KEPT);
    private final Ring typed = new Ring(4096);
    private final List<Reader> readers = new CopyOnWriteArrayList<>();
    private final Object output = new Object();
    private final Object input = new Object();
    private volatile Runnable wake = () -> { };
    private boolean closed;

    @Override
    public void write(byte[] bytes, int offset, int length) {
        synchronized (output) {
            scrollback.push(bytes, offset, length);
            for (Reader r : readers) deliver(r, bytes, offset, length);
        }
    }

    private void deliver(Reader r, byte[] bytes, int offset, int length) {
        try {
            r.output(bytes, offset, length);
        } catch (RuntimeException e) {
            LOG.warn("a reader of the console failed and is detached", e);
            readers.remove(r);
        }
    }

    @Override
    public Attachment attach(Reader reader, boolean replay) {
        synchronized (output) {
            readers.add(reader);
            byte[] before = replay ? scrollback.content() : new byte[0];
            if (before.length > 0) deliver(reader, before, 0, before.length);
        }
        return () -> readers.remove(reader);
    }

    @Override
    public void feed(byte[] bytes, int offset, int length) throws InterruptedException {
        for (int at = offset, end = offset + length; at < end;) {
            synchronized (input) {
                while (typed.free() == 0 && !closed) input.wait();
                if (closed) return;
                int n = Math.min(typed.free(), end - at);
                typed.push(bytes, at, n);
                at += n;
            }
            wake.run();
        }
    }

    @Override
    public int read(byte[] to, int offset, int length) {
        synchronized (input) {
            int n = typed.pop(to, offset, length);
            if (n > 0) input.notifyAll();
            return n;
        }
    }

    @Override
    public void onReady(Runnable wake) {
        this.wake = wake;
        wake.run();
    }

    @Override
    public String describe() { return "console, " + readers.size() + " attached"; }

    @Override
    public void close() {
        synchronized (input) {
            closed = true;
            input.notifyAll();
        }
        readers.clear();
    }

    /** A ring of bytes that forgets the oldest when more is pushed than fits. */
    private static final class Ring {
        private final byte[] bytes;
        private int start, count;

        Ring(int size) { bytes = new byte[size]; }

        int free() { return bytes.length - count; }

        void push(byte[] from, int offset, int length) {
            for (int i = Math.max(0, length - bytes.length); i < length; i++) {
                if (count == bytes.length) {
                    start = (start + 1) % bytes.length;
                    count--;
                }
                bytes[(start + count++) % bytes.length] = from[offset + i];
            }
        }

        int pop(byte[] to, int offset, int length) {
            int n = Math.min(length, count);
            for (int i = 0; i < n; i++) to[offset + i] = bytes[(start + i) % bytes.length];
            start = (start + n) % bytes.length;
            count -= n;
            return n;
        }

        byte[] content() {
            byte[] all = new byte[count];
            for (int i = 0; i < count; i++) all[i] = bytes[(start + i) % bytes.length];
            return all;
        }
    }
}
