package org.lguest.netbackends;

import java.util.ArrayDeque;

/**
 * Packets on their way to somebody: first in, first out, and no more of them than there is room for. Any thread; nobody waits.
 *
 * <p>Who finds the queue empty is woken when that changes, who finds it full when there is room again for what did not fit.
 */
final class PacketQueue {
    /** Packets and bytes that may wait: some hundred large segments, more than a TCP connection of a guest keeps under way. */
    static final int MOST_PACKETS = 1024, MOST_BYTES = 4 << 20;

    private final int mostPackets, mostBytes;
    private final ArrayDeque<byte[]> packets = new ArrayDeque<>();
    private int bytes;
    private boolean closed;

    PacketQueue() { this(MOST_PACKETS, MOST_BYTES); }

    PacketQueue(int mostPackets, int mostBytes) {
        this.mostPackets = mostPackets;
        this.mostBytes = mostBytes;
    }

    /** What became of a packet. */
    enum Outcome { /** It is the only one: whoever takes packets wants to know. */ FIRST, /** It waits behind others. */ QUEUED, /** There is no room. */ FULL }

    /** Adds a packet; the array is not changed afterwards by anybody. */
    synchronized Outcome add(byte[] packet) {
        if (closed || packets.size() >= mostPackets || bytes + packet.length > mostBytes) return Outcome.FULL;
        packets.add(packet);
        bytes += packet.length;
        return packets.size() == 1 ? Outcome.FIRST : Outcome.QUEUED;
    }

    /** The oldest packet, or null. */
    synchronized byte[] poll() {
        byte[] p = packets.poll();
        if (p != null) bytes -= p.length;
        return p;
    }

    /** Copies the oldest packet; its length, or 0. */
    int poll(byte[] to) {
        byte[] p = poll();
        if (p == null) return 0;
        System.arraycopy(p, 0, to, 0, p.length);
        return p.length;
    }

    /** How many wait. */
    synchronized int size() { return packets.size(); }

    /** Takes nothing any more, and forgets what waits; how many that were. */
    synchronized int close() {
        closed = true;
        int lost = packets.size();
        packets.clear();
        bytes = 0;
        return lost;
    }
}
