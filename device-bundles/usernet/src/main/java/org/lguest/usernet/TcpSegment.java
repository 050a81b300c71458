package org.lguest.usernet;

/**
 * A TCP segment from the guest, taken apart (RFC 9293 section 3.1; options: section 3.2, RFC 7323 section 2). One object is
 * used again for each; it is valid until the next one comes.
 */
final class TcpSegment {
    static final int FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;
    static final int HEADER = 20;
    /** What a peer can take that does not say (RFC 9293 section 3.7.1). */
    static final int DEFAULT_MSS = 536;
    private static final int OPTION_END = 0, OPTION_NONE = 1, OPTION_MSS = 2, OPTION_SCALE = 3, MAX_SCALE = 14, MIN_MSS = 64;

    byte[] packet;
    /** Where the IP packet begins and ends. */
    int ip, end;
    int source, destination, sourcePort, destinationPort;
    int seq, ack, flags, window;
    /** Where its data lies. */
    int data, length;
    /** Of a SYN: maximum segment size, and window scale, -1 when not given. */
    int mss, scale;

    /** Reads what stands at {@code t}; the checksum is known to be good. @return false when it is malformed */
    boolean parse(byte[] p, int at, int t, int stop) {
        if (stop - t < HEADER) return false;
        data = t + (p[t + 12] >>> 4 & 15) * 4;
        if (data < t + HEADER || data > stop) return false;
        packet = p;
        ip = at;
        end = stop;
        source = Bytes.i32(p, at + 12);
        destination = Bytes.i32(p, at + 16);
        sourcePort = Bytes.u16(p, t);
        destinationPort = Bytes.u16(p, t + 2);
        seq = Bytes.i32(p, t + 4);
        ack = Bytes.i32(p, t + 8);
        flags = p[t + 13] & 0x3F;
        window = Bytes.u16(p, t + 14);
        length = stop - data;
        if (has(SYN)) options(t + HEADER);
        return sourcePort != 0 && destinationPort != 0;
    }

    boolean has(int flag) { return (flags & flag) != 0; }

    /** How many sequence numbers it takes. */
    int numbers() { return length + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0); }

    private void options(int from) {
        mss = DEFAULT_MSS;
        scale = -1;
        for (int at = from; at < data; ) {
            int kind = packet[at];
            if (kind == OPTION_END) return;
            if (kind == OPTION_NONE) {
                at++;
                continue;
            }
            int n = at + 1 < data ? Bytes.u8(packet, at + 1) : 0;
            if (n < 2 || at + n > data) return;
            if (kind == OPTION_MSS && n == 4) mss = Math.clamp(Bytes.u16(packet, at + 2), MIN_MSS, Ip.MTU - 40);
            if (kind == OPTION_SCALE && n == 3) scale = Math.min(MAX_SCALE, Bytes.u8(packet, at + 2));
            at += n;
        }
    }

    /**
     * Writes a segment's header into a packet whose data, if any, stands behind it; leaves the checksum to the receiver's
     * card, which as a rule is no card and need not make it, and the cutting, too.
     *
     * @param options bytes of options, already written at {@code Ip.PAYLOAD + 20}
     * @param cut     how large the pieces are to be
     * @return the packet's length
     */
    static int write(byte[] p, byte[] card, int from, int fromPort, int to, int toPort, int seq, int ack, int flags, int window,
            int options, int data, int cut) {
        int t = Ip.PAYLOAD, header = HEADER + options, length = header + data;
        boolean large = data > cut;
        Bytes.put16(p, 0, 1 << 8 | (large ? 1 : 0)); // NEEDS_CSUM; TCPV4
        le16(p, 2, Ip.PAYLOAD - Ip.ETHERNET + header);
        le16(p, 4, large ? cut : 0);
        le16(p, 6, Ip.PAYLOAD - Ip.ETHERNET);
        le16(p, 8, 16);
        Ip.dress(p, card, Ip.TCP, from, to, length);
        Bytes.put16(p, t, fromPort);
        Bytes.put16(p, t + 2, toPort);
        Bytes.put32(p, t + 4, seq);
        Bytes.put32(p, t + 8, ack);
        Bytes.put16(p, t + 12, header / 4 << 12 | flags);
        Bytes.put16(p, t + 14, window);
        Bytes.put16(p, t + 16, Checksums.fold(Checksums.pseudo(from, to, Ip.TCP, length)));
        Bytes.put16(p, t + 18, 0);
        return t + length;
    }

    private static void le16(byte[] p, int at, int v) { Bytes.put16(p, at, Short.reverseBytes((short) v)); }
}
