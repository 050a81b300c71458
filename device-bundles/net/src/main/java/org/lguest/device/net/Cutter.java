package org.lguest.device.net;

import static org.lguest.device.net.Checksums.add;
import static org.lguest.device.net.Checksums.get16;
import static org.lguest.device.net.Checksums.get32;
import static org.lguest.device.net.Checksums.put16;
import static org.lguest.device.net.Checksums.put32;

/**
 * Cuts a large TCP segment into frames. All get the same headers, but for lengths, sequence numbers and checksums; the IPv4
 * identification counts up; FIN and PSH belong to the last frame only, CWR (RFC 3168) to the first.
 *
 * <p>The same packet is always cut in the same way, so that whoever stopped in the middle can go on by number.
 */
final class Cutter {
    /** Offset of the checksum in a TCP header. */
    static final int TCP_CHECKSUM = 16;
    private static final int TCP_SEQUENCE = 4, TCP_FLAGS = 13, TCP = 6, FIN_PSH = 0x09, CWR = 0x80;
    private static final int IPV4_LENGTH = 2, IPV4_ID = 4, IPV4_CHECKSUM = 10;
    private static final int IPV6_LENGTH = 4, IPV6_BYTES = 40;

    private Packet frame; // made when the first large segment comes: most devices never see one

    /** See {@link Offload#pass}. */
    int cut(Packet p, boolean partial, int done, Offload.Taker taker) {
        if (frame == null) frame = new Packet();
        int size = p.segmentData();
        int bytes = p.length - p.data;
        int count = (bytes + size - 1) / size;
        for (int i = done; i < count; i++) {
            segment(p, i, i == count - 1, size);
            finish(p, partial);
            if (!taker.take(frame.bytes, frame.length)) return i;
        }
        return Offload.ALL;
    }

    private void segment(Packet p, int i, boolean last, int size) {
        int from = p.data + i * size;
        int bytes = Math.min(size, p.length - from);
        byte[] f = frame.bytes;
        System.arraycopy(p.bytes, 0, f, 0, p.data);
        System.arraycopy(p.bytes, from, f, p.data, bytes);
        frame.length = p.data + bytes;
        put32(f, p.transport + TCP_SEQUENCE, get32(f, p.transport + TCP_SEQUENCE) + i * size);
        int mask = (last ? 0 : FIN_PSH) | (i == 0 ? 0 : CWR);
        f[p.transport + TCP_FLAGS] &= (byte) ~mask;
        if (p.version6()) {
            put16(f, p.network + IPV6_LENGTH, frame.length - p.network - IPV6_BYTES);
        } else {
            put16(f, p.network + IPV4_LENGTH, frame.length - p.network);
            put16(f, p.network + IPV4_ID, get16(f, p.network + IPV4_ID) + i);
            put16(f, p.network + IPV4_CHECKSUM, 0);
            put16(f, p.network + IPV4_CHECKSUM, ~add(0, f, p.network, p.transport - p.network));
        }
    }

    /** The frame's checksum, or what is to be summed up with the rest by who takes it. */
    private void finish(Packet p, boolean partial) {
        byte[] f = frame.bytes;
        int at = p.transport + TCP_CHECKSUM;
        int tcpBytes = frame.length - p.transport;
        int pseudo = pseudo(p, f, tcpBytes);
        if (partial) {
            put16(f, at, pseudo);
            frame.askForChecksum(p.transport, at);
        } else {
            put16(f, at, 0);
            put16(f, at, Checksums.finish(add(pseudo, f, p.transport, tcpBytes)));
            frame.clearHeader();
        }
    }

    private static int pseudo(Packet p, byte[] headers, int tcpBytes) {
        int addresses = p.version6() ? add(0, headers, p.network + 8, 32) : add(0, headers, p.network + 12, 8);
        return Checksums.fold(addresses + TCP + tcpBytes);
    }
}
