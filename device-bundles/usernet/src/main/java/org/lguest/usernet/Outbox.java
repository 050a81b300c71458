package org.lguest.usernet;

import java.util.ArrayDeque;

/**
 * Whole packets that wait for the guest: answers, datagrams, resets. TCP's data is not here; it stays in its connections'
 * buffers until the guest takes it. When the box is full, packets are lost, as in any router. Under the network's lock.
 */
final class Outbox {
    private static final int MAX_BYTES = 1 << 20, MAX_PACKETS = 1024;

    private final ArrayDeque<byte[]> packets = new ArrayDeque<>();
    private final Runnable lost;
    private int bytes;

    /** @param lost runs for each packet that finds no room */
    Outbox(Runnable lost) { this.lost = lost; }

    boolean isEmpty() { return packets.isEmpty(); }

    int bytes() { return bytes; }

    /** Whether a packet of this size would be taken. */
    boolean room(int length) { return packets.size() < MAX_PACKETS && bytes + length <= MAX_BYTES; }

    void add(byte[] packet) {
        if (!room(packet.length)) {
            lost.run();
            return;
        }
        packets.add(packet);
        bytes += packet.length;
    }

    /** @return the length of the packet copied, 0 when there is none */
    int take(byte[] to) {
        byte[] p = packets.poll();
        if (p == null) return 0;
        bytes -= p.length;
        System.arraycopy(p, 0, to, 0, p.length);
        return p.length;
    }
}
