package org.lguest.backends;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.lguest.api.part.ConsoleHub;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:230 Behind the console: nobody, or a terminal, or three. A Guest prints whether somebody looks or not, so what it prints is kept, as
 * much as fits into a ring; whoever attaches gets that first and then goes on live ({@link ConsoleHub}). What is typed waits in another
 * ring until the Guest has room for it, and when that ring is full, whoever types has to wait.
 */
final class HubConsole implements ConsoleHub {
    private static final Logger LOG = LoggerFactory.getLogger(HubConsole.class);
    private static final int KEPT = 64 * 1024, TYPED = 4096;

    private final ByteRing scrollback = new ByteRing(KEPT);
    private final ByteRing typed = new ByteRing(TYPED);
    private final List<Place> readers = new CopyOnWriteArrayList<>();
    private final ConsoleLog log;
    private final Object output = new Object();
    private final Object input = new Object();
    private volatile Runnable wake = () -> { };
    private volatile Size size = Size.UNKNOWN;
    private long written; // guarded by output
    private boolean closed; // guarded by input

    /** A hub that also writes to a log, or with null does not. */
    HubConsole(ConsoleLog log) {
        this.log = log;
        if (log != null) readers.add(new Place(log, 0));
    }

    /** A reader, and how far it has come. */
    private final class Place implements Attachment {
        private final Reader reader;
        private volatile long position;

        Place(Reader reader, long position) {
            this.reader = reader;
            this.position = position;
        }

        /** Under the lock on output. */
        void deliver(byte[] bytes, int offset, int length) {
            position += length;
            try {
                reader.output(bytes, offset, length);
            } catch (RuntimeException e) {
                LOG.warn("a reader of the console failed and is detached", e);
                close();
            }
        }

        @Override
        public long position() { return position; }

        @Override
        public void close() { readers.remove(this); }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        synchronized (output) {
            scrollback.push(bytes, offset, length);
            written += length;
            for (Place p : readers) p.deliver(bytes, offset, length);
        }
    }

    @Override
    public Attachment attach(Reader reader, long position) {
        synchronized (output) {
            byte[] before = scrollback.last(written - Math.min(position, written));
            Place p = new Place(reader, written - before.length);
            readers.add(p);
            if (before.length > 0) p.deliver(before, 0, before.length);
            return p;
        }
    }

    @Override
    public int feed(byte[] bytes, int offset, int length) throws InterruptedException {
        for (int at = 0; at < length;) {
            synchronized (input) {
                while (typed.free() == 0 && !closed) input.wait();
                if (closed) return at;
                int n = Math.min(typed.free(), length - at);
                typed.push(bytes, offset + at, n);
                at += n;
            }
            wake.run();
        }
        return length;
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
    public void resize(Size size) {
        this.size = size;
        wake.run();
    }

    @Override
    public Size size() { return size; }

    @Override
    public void onReady(Runnable wake) {
        this.wake = wake;
        wake.run();
    }

    @Override
    public String describe() {
        int attached = readers.size();
        return "console, " + (log == null ? attached + " attached" : attached - 1 + " attached, log in " + log.path());
    }

    private void refuseInput() {
        synchronized (input) {
            closed = true;
            input.notifyAll();
        }
    }

    @Override
    public byte[] handOver() {
        refuseInput();
        synchronized (output) {
            synchronized (input) {
                return new HubState(written, size, scrollback.content(), typed.content()).bytes();
            }
        }
    }

    /** What was written before is in the log already. */
    @Override
    public void takeOver(byte[] state) {
        HubState s = HubState.of(state);
        if (s == null) return;
        synchronized (output) {
            scrollback.push(s.output(), 0, s.output().length);
            written = s.written();
            for (Place p : readers) p.position = written;
        }
        synchronized (input) { typed.push(s.typed(), 0, s.typed().length); }
        size = s.size();
    }

    @Override
    public void close() {
        refuseInput();
        synchronized (output) {
            readers.clear();
            if (log != null) log.close();
        }
    }
}
