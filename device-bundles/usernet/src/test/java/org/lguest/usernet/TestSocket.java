package org.lguest.usernet;

import static org.lguest.usernet.Frames.*;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A guest's TCP socket, for tests: windows with scale, retransmission by timer and by duplicate acknowledgments, no
 * reordering. All state is guarded by the guest's monitor; whoever waits for it waits there.
 */
final class TestSocket {
    /** How it behaves. */
    static final class Manners {
        int mss = 1460, scale = 4, buffer = 256 * 1024, segment = 32 * 1024;
        /** The checksum is left to the card. */
        boolean offload = true;
        /** -1: no scale option. */
        Manners noScale() {
            scale = -1;
            buffer = Math.min(buffer, 65_535);
            return this;
        }
    }

    private static final int FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;
    private static final long RTO = 300_000_000L, DEADLINE = TimeUnit.SECONDS.toNanos(240);

    final BlockingQueue<TestSocket> accepted = new LinkedBlockingQueue<>();
    private final TestGuest guest;
    private final Manners manners;
    private final int port;
    private int peer, peerPort;
    private int una, next, max, received, edge, peerScale;
    private long window;
    private boolean connected, reset, peerEnded, ended, endAcked, synSent;
    private final byte[] unacked = new byte[1 << 20];
    private int unackedBytes;
    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();
    private long sentAt;
    private int duplicates;
    /** What was seen. */
    int largest, resent, zeroWindows, probes;

    TestSocket(TestGuest guest, int port, int peer, int peerPort, Manners manners) {
        this.guest = guest;
        this.port = port;
        this.peer = peer;
        this.peerPort = peerPort;
        this.manners = manners;
        una = next = max = 0xFFFF_F000; // the numbers wrap soon
    }

    int port() { return port; }

    /** The number that it expects next, and its own next one. */
    int expected() {
        synchronized (guest) {
            return received;
        }
    }

    int promised() {
        synchronized (guest) {
            return max;
        }
    }

    int peerPort() { return peerPort; }

    int peerAddress() { return peer; }

    TestSocket accept(int fromPort, int from) {
        TestSocket s = new TestSocket(guest, port, from, fromPort, manners);
        accepted.add(s);
        return s;
    }

    void connect() {
        synSent = true;
        syn(SYN);
    }

    private void syn(int flags) {
        byte[] o = manners.scale < 0 ? new byte[4] : new byte[8];
        o[0] = 2;
        o[1] = 4;
        put16(o, 2, manners.mss);
        if (o.length == 8) put32(o, 4, 1 << 24 | 3 << 16 | 3 << 8 | manners.scale);
        emit(una, flags, o, 0, 0);
        next = max = una + 1;
        sentAt = System.nanoTime();
    }

    private int space() { return Math.max(0, manners.buffer - unread.size()); }

    private void emit(int seq, int flags, byte[] options, int from, int n) {
        byte[] t = new byte[20 + options.length + n];
        put16(t, 0, port);
        put16(t, 2, peerPort);
        put32(t, 4, seq);
        put32(t, 8, (flags & ACK) != 0 ? received : 0);
        put16(t, 12, (5 + options.length / 4) << 12 | flags);
        int scale = (flags & SYN) != 0 || manners.scale < 0 ? 0 : manners.scale;
        int w = Math.min(65_535, space() >> scale);
        put16(t, 14, w);
        if ((flags & ACK) != 0) {
            edge = Math.max(edge - received, w << scale) + received;
            if (w == 0) zeroWindows++;
        }
        System.arraycopy(options, 0, t, 20, options.length);
        System.arraycopy(unacked, from, t, 20 + options.length, n);
        byte[] p = Frames.ip(6, guest.address, peer, t, manners.offload ? -1 : 16);
        if (manners.offload) {
            p[0] = 1;
            if (n > manners.mss) {
                p[1] = 1;
                p[4] = (byte) manners.mss;
                p[5] = (byte) (manners.mss >> 8);
            }
            put16(p, L4 + 16, pseudo(p, 6, t.length));
        }
        guest.send(p);
    }

    private void ack() { emit(next, ACK, new byte[0], 0, 0); }

    void input(byte[] p) {
        int seq = i32(p, L4 + 4), ack = i32(p, L4 + 8), flags = u8(p, L4 + 13), header = (p[L4 + 12] >>> 4 & 15) * 4;
        int data = p.length - L4 - header;
        if ((flags & RST) != 0) {
            boolean mine = connected ? seq == received || seq - received > 0 && seq - edge < 0 : ack == max;
            if (!mine) guest.faults.add("a reset that is not meant");
            reset = true;
            guest.notifyAll();
            return;
        }
        if ((flags & SYN) != 0) {
            shake(p, seq, ack, flags);
            return;
        }
        if ((flags & ACK) == 0) guest.faults.add("a segment without ACK");
        acknowledged(ack, (long) u16(p, L4 + 14) << peerScale, data);
        if (!connected) return;
        if (data > 0 || (flags & FIN) != 0) take(p, seq, header, data, (flags & FIN) != 0);
        push();
        guest.notifyAll();
    }

    private void shake(byte[] p, int seq, int ack, int flags) {
        if (connected) {
            ack();
            return;
        }
        received = edge = seq + 1;
        peerScale = 0;
        for (int at = L4 + 20; at < L4 + (p[L4 + 12] >>> 4 & 15) * 4; ) {
            if (p[at] == 1) {
                at++;
                continue;
            }
            if (p[at] == 3) peerScale = p[at + 2];
            at += Math.max(2, u8(p, at + 1));
        }
        if (synSent) {
            if ((flags & ACK) == 0 || ack != max) guest.faults.add("an answer to what was not asked");
            una = ack;
            window = u16(p, L4 + 14);
            connected = true;
            ack();
            guest.notifyAll();
        } else {
            syn(SYN | ACK);
        }
    }

    private void acknowledged(int ack, long offered, int data) {
        if (ack - max > 0) {
            guest.faults.add("acknowledges what was never sent");
            return;
        }
        if (!connected && !synSent && ack == max) {
            connected = true;
            una = ack;
            guest.notifyAll();
        }
        if (ack - una > 0) {
            int n = ack - una, bytes = Math.min(n, unackedBytes);
            System.arraycopy(unacked, bytes, unacked, 0, unackedBytes - bytes);
            unackedBytes -= bytes;
            if (n > bytes) endAcked = true;
            una = ack;
            if (next - una < 0) next = una;
            duplicates = 0;
            sentAt = System.nanoTime();
        } else if (ack == una && data == 0 && max != una && offered == window && ++duplicates == 3) {
            again();
        }
        if (ack - una >= 0) window = offered;
    }

    private void again() {
        if (next != una) resent++;
        next = una;
    }

    private void take(byte[] p, int seq, int header, int data, boolean fin) {
        largest = Math.max(largest, data);
        if (seq + data - edge > 0) {
            if (data == 1 && edge == received) probes++;
            else guest.faults.add("a segment of " + data + " beyond the window by " + (seq + data - edge));
        }
        int known = received - seq;
        if (known >= 0 && known <= data && !peerEnded) {
            int n = Math.min(data - known, space());
            unread.write(p, L4 + header + known, n);
            received += n;
            if (fin && n == data - known) {
                received++;
                edge = Math.max(edge - received, 0) + received;
                peerEnded = true;
            }
        }
        ack();
    }

    private void push() {
        if (!connected || reset) return;
        while (true) {
            int flying = next - una, n = (int) Math.min(Math.min(unackedBytes - flying, window - flying), manners.offload ? manners.segment : manners.mss);
            boolean fin = ended && !endAcked && flying + Math.max(0, n) == unackedBytes;
            if (n <= 0 && !fin) return;
            n = Math.max(0, n);
            int from = flying, seq = next;
            next += n + (fin ? 1 : 0);
            if (max == una) sentAt = System.nanoTime();
            if (next - max > 0) max = next;
            emit(seq, ACK | PSH | (fin ? FIN : 0), new byte[0], from, n);
        }
    }

    /** Time passes. */
    void tick(long now) {
        if (reset || una == max && !(unackedBytes > 0 && window == 0) || now - sentAt < RTO) return;
        sentAt = now;
        if (!connected) {
            syn(synSent ? SYN : SYN | ACK);
            return;
        }
        again();
        if (window == 0 && unackedBytes > 0) { // knock
            emit(una, ACK, new byte[0], 0, 1);
            next = una + 1;
            if (next - max > 0) max = next;
        }
        push();
    }

    // ---- for the test's thread

    private interface Condition {
        boolean holds();
    }

    private void await(String what, Condition c) throws InterruptedException {
        long end = System.nanoTime() + DEADLINE;
        while (!c.holds()) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) throw new AssertionError("waited in vain for " + what + ": " + this);
            guest.wait(left);
        }
    }

    /** Waits until it is connected. */
    TestSocket connected() throws InterruptedException {
        synchronized (guest) {
            await("a connection", () -> connected || reset);
            if (reset) throw new AssertionError("refused");
            return this;
        }
    }

    void write(byte[] bytes) throws InterruptedException {
        for (int at = 0; at < bytes.length; ) {
            synchronized (guest) {
                await("room to write", () -> unackedBytes < unacked.length || reset);
                if (reset) throw new AssertionError("reset");
                int n = Math.min(bytes.length - at, unacked.length - unackedBytes);
                System.arraycopy(bytes, at, unacked, unackedBytes, n);
                unackedBytes += n;
                at += n;
                push();
            }
        }
    }

    /** Up to {@code most} bytes, at least one; empty at the end. */
    byte[] read(int most) throws InterruptedException {
        synchronized (guest) {
            await("bytes", () -> unread.size() > 0 || peerEnded || reset);
            byte[] all = unread.toByteArray();
            if (all.length == 0 && reset) throw new AssertionError("reset");
            int n = Math.min(most, all.length), before = edge - received;
            unread.reset();
            unread.write(all, n, all.length - n);
            if (n > 0 && before < 2 * manners.mss && space() >= 2 * manners.mss) ack(); // tell the wider window
            return Arrays.copyOf(all, n);
        }
    }

    byte[] readFully(int n) throws InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < n) {
            byte[] b = read(n - all.size());
            if (b.length == 0) throw new AssertionError("ended after " + all.size() + " of " + n);
            all.writeBytes(b);
        }
        return all.toByteArray();
    }

    void end() {
        synchronized (guest) {
            ended = true;
            push();
        }
    }

    void reset() {
        synchronized (guest) {
            reset = true;
            emit(next, RST | ACK, new byte[0], 0, 0);
        }
    }

    void awaitReset() throws InterruptedException {
        synchronized (guest) {
            await("a reset", () -> reset);
        }
    }

    void awaitEnds() throws InterruptedException {
        synchronized (guest) {
            await("both ends", () -> peerEnded && endAcked);
        }
    }

    /** Waits until the peer takes no more. */
    void awaitShut() throws InterruptedException {
        synchronized (guest) {
            await("a shut window", () -> window == 0);
        }
    }

    void awaitUnread(int n) throws InterruptedException {
        synchronized (guest) {
            await(n + " unread bytes", () -> unread.size() >= n);
        }
    }

    @Override
    public String toString() {
        return "port " + port + ": connected " + connected + ", reset " + reset + ", una " + una + ", next " + next + ", max " + max + ", window " + window
            + ", unacked " + unackedBytes + ", received " + received + ", edge " + edge + ", unread " + unread.size() + ", ended " + ended + endAcked + peerEnded;
    }
}
