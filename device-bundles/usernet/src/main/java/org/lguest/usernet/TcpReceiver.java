package org.lguest.usernet;

/**
 * What a connection takes from the guest: sequence numbers, the window, and when to acknowledge (RFC 9293 sections 3.8.6 and
 * 3.10.7.4). Bytes out of order are not kept: on this wire nothing overtakes, so behind a hole everything comes again.
 */
final class TcpReceiver {
    /** How long an acknowledgment may wait for company (RFC 9293 section 3.8.6.3 allows half a second). */
    static final long DELAY = 20_000_000L;
    /** Windows are told in units of eight bytes when the guest understands that (RFC 7323). */
    static final int SCALE = 3;

    final ByteRing bytes;
    private final Timers.Timer timer;
    private int next, edge, acknowledged;
    private int scale, mss = TcpSegment.DEFAULT_MSS;
    private boolean due;

    TcpReceiver(ByteRing bytes, Timers.Timer timer) {
        this.bytes = bytes;
        this.timer = timer;
    }

    /** The guest's first number is known. */
    void open(int first, int scale, int mss) {
        next = acknowledged = edge = first + 1;
        this.scale = scale;
        this.mss = mss;
        widen(true);
    }

    int next() { return next; }

    boolean due() { return due; }

    /** An acknowledgment is to be sent now. */
    void acknowledge() { due = true; }

    private int limit() { return scale == 0 ? Math.min(bytes.limit(), 65_535) : bytes.limit(); }

    /** Moves the window's edge, but not by crumbs (RFC 9293 section 3.8.6.2.2). @return whether it moved from where it hurt */
    private boolean widen(boolean anyway) {
        int free = Math.max(0, limit() - bytes.size()), more = next + free - edge;
        boolean worthwhile = more >= Math.min(limit() / 2, 2 * mss);
        if (more > 0 && (worthwhile || anyway)) edge += more;
        return worthwhile;
    }

    /** The Host has taken bytes. Tells the guest when the window has become much wider than it knows. */
    void drained() {
        int known = edge - next;
        if (known < limit() / 4 && widen(false)) due = true;
    }

    /** What to write into the window field. It is also what the guest may rely on from now on. */
    int window(boolean syn) {
        int w = edge - next;
        return Math.min(65_535, syn ? w : w >>> scale);
    }

    /** A segment that tells {@link #next} is on its way. */
    int told() {
        widen(false);
        due = false;
        timer.cancel();
        acknowledged = next;
        return next;
    }

    /** Whether any of the segment lies in the window (RFC 9293 section 3.4). */
    boolean acceptable(TcpSegment s) {
        int n = s.numbers();
        if (n == 0) return s.seq - next >= 0 && s.seq - edge <= 0;
        return s.seq - edge < 0 && s.seq + n - next > 0 || s.seq == next && edge == next;
    }

    /** Cuts off what is known already and what is beyond the window; the segment is acceptable. */
    void trim(TcpSegment s) {
        int known = next - s.seq;
        if (known > 0) {
            int cut = Math.min(known, s.length);
            s.seq += cut;
            s.data += cut;
            s.length -= cut;
            due = true;
        }
        int beyond = s.seq + s.length - edge;
        if (beyond > 0) {
            s.length = Math.max(0, s.length - beyond);
            s.flags &= ~TcpSegment.FIN;
            due = true;
        }
    }

    /** {@code n} bytes in order have been taken. */
    void took(int n) {
        next += n;
        if (next - acknowledged >= 2 * mss) due = true;
        else if (n > 0) timer.within(DELAY);
    }

    /** The guest's end has been taken: its number, behind the last byte, may lie on the window's edge. */
    void tookEnd() {
        next++;
        if (next - edge > 0) edge = next;
        due = true;
    }
}
