package org.lguest.netbackends;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.lguest.api.Guest;
import org.lguest.api.part.NetBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:530 A cable to another program, in the form that QEMU calls a stream: each frame with its length before it, 32 bits, big-endian.
 * Nothing can be left to a peer of which so little is known, so frames go out complete.
 *
 * <p>Two threads per cable: one reads, and before that finds a peer, again and again when one is lost; one writes. Frames wait in
 * bounded queues. A slow peer makes the Guest wait, a slow Guest the peer; without any peer frames are lost, as on a cable that hangs
 * loose, and counted.
 */
final class SocketPort implements NetBackend {
    private static final Logger LOG = LoggerFactory.getLogger(SocketPort.class);
    private static final int LENGTH = 4, BATCH = 256 << 10, MOST_IN = 512 << 10, MOST_OUT = 256 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Guest guest;
    private final Line line;
    private final PacketQueue in = new PacketQueue(PacketQueue.MOST_PACKETS, MOST_IN);
    private final LongAdder dropped = new LongAdder();
    private final Thread keeper;
    private volatile PacketQueue out; // of the peer of this moment; null while there is none
    private volatile Runnable wake = () -> { };
    private volatile boolean closed;

    /**
     * Opens the cable.
     *
     * @param again a card in use was plugged in again
     */
    SocketPort(Guest guest, Line line, boolean again) throws IOException {
        this.guest = guest;
        this.line = line;
        line.prepare(again);
        keeper = Thread.ofVirtual().name("cable of " + guest + " " + line.describe()).start(this::keep);
    }

    private void keep() {
        for (int failures = 0; !closed;) {
            failures++;
            try (SocketChannel c = line.open()) {
                failures = 0;
                guest.log().add("net: connected " + line.describe());
                converse(c);
            } catch (IOException e) {
                if (closed) return;
                if (failures == 0) guest.log().add("net: connection " + line.describe() + " lost: " + Reasons.why(e));
                LOG.debug("{}: {}", guest, line.describe(), e);
            } catch (InterruptedException e) {
                return; // closed
            }
            if (!pause(line.delay(failures))) return;
        }
    }

    private static boolean pause(Duration time) {
        try {
            Thread.sleep(time);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** As long as there is this peer. */
    private void converse(SocketChannel c) throws IOException, InterruptedException {
        PacketQueue mine = new PacketQueue(PacketQueue.MOST_PACKETS, MOST_OUT);
        mine.onRoom(() -> wake.run());
        out = mine;
        wake.run(); // what was held back may be lost now, or sent
        Thread writer = Thread.ofVirtual().name("cable of " + guest + " " + line.describe() + ", out").start(() -> write(c, mine));
        try {
            read(c);
        } finally {
            out = null;
            drop(mine.close());
            c.close();
            writer.join(PATIENCE);
            wake.run();
        }
    }

    private void read(SocketChannel c) throws IOException, InterruptedException {
        ByteBuffer b = ByteBuffer.allocateDirect(BATCH).limit(0);
        while (true) {
            fill(c, b, LENGTH);
            int length = b.getInt();
            if (length < 0 || length > MAX_PACKET - HEADER) throw new IOException("the peer sends a frame of " + Integer.toUnsignedString(length) + " bytes");
            fill(c, b, length);
            byte[] packet = new byte[HEADER + length];
            b.get(packet, HEADER, length);
            if (length > MAX_FRAME) drop(1);
            else if (in.put(packet) == PacketQueue.Outcome.FIRST) wake.run();
        }
    }

    /** Has so many bytes in the buffer, behind its position. */
    private static void fill(SocketChannel c, ByteBuffer b, int bytes) throws IOException {
        if (b.remaining() >= bytes) return;
        b.compact();
        while (b.position() < bytes) if (c.read(b) < 0) throw new EOFException("the peer hung up");
        b.flip();
    }

    private void write(SocketChannel c, PacketQueue from) {
        ByteBuffer b = ByteBuffer.allocateDirect(BATCH);
        try {
            for (byte[] p; (p = from.take()) != null;) {
                for (; p != null; p = fits(b) ? from.poll() : null) b.putInt(p.length - HEADER).put(p, HEADER, p.length - HEADER);
                b.flip();
                while (b.hasRemaining()) c.write(b);
                b.clear();
            }
        } catch (IOException e) { // the reader finds that out as well, when the channel is closed
            LOG.debug("{}: {}", guest, line.describe(), e);
            hangUp(c);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean fits(ByteBuffer b) { return b.remaining() >= LENGTH + MAX_FRAME; }

    private void hangUp(SocketChannel c) {
        try {
            c.close();
        } catch (IOException e) {
            LOG.debug("{}: {}", guest, line.describe(), e);
        }
    }

    private void drop(int frames) {
        dropped.add(frames);
        guest.counters().framesDropped.add(frames);
    }

    @Override
    public long offloads() { return 0; }

    @Override
    public boolean send(byte[] packet, int length) {
        PacketQueue q = out;
        if (q == null) {
            drop(1);
            return true;
        }
        return q.add(java.util.Arrays.copyOf(packet, length)) != PacketQueue.Outcome.FULL;
    }

    @Override
    public int receive(byte[] to) { return in.poll(to); }

    @Override
    public void onReady(Runnable wake) {
        this.wake = wake;
        wake.run();
    }

    @Override
    public String describe() { return "socket " + line.describe() + (out == null ? ", no peer, " : ", connected, ") + dropped.sum() + " dropped"; }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        keeper.interrupt();
        try {
            line.close();
        } catch (IOException e) {
            LOG.warn("{}: closing the socket {}", guest, line.describe(), e);
        }
        drop(in.close());
        try {
            keeper.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
