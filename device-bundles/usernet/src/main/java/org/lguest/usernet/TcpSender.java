package org.lguest.usernet;

/**
 * What a connection sends to the guest: the Host's bytes from the first that the guest has not acknowledged on (RFC 9293
 * sections 3.3 to 3.8). Retransmission is by timer (RFC 6298) and by three duplicate acknowledgments (RFC 5681 section 3.2),
 * and goes back to the first byte missing. There is no congestion window, because there is nothing to be congested: the wire
 * is this process, and a segment is made only when the guest's card has a place for it.
 */
final class TcpSender {
    /** The largest segment: what an IP packet holds. */
    static final int LARGEST = 65_535 - 40;
    private static final int DUPLICATES = 3, MAX_TRIES = 12, MAX_SYN_TRIES = 6, MAX_BACKOFF = 16;
    private static final long SECOND = 1_000_000_000L, MIN_RTO = SECOND, MAX_RTO = 60 * SECOND;

    final ByteRing bytes;
    private final Timers.Timer timer;
    private final int first;
    private int una, next, max;
    private int mss = TcpSegment.DEFAULT_MSS;
    private long window, widest;
    private int windowSeq, windowAck;
    private boolean ended, endAcknowledged, probe, recovering, opening = true;
    private int recover, duplicates, tries, backoff;
    private long rtt, deviation, rto = MIN_RTO, timedAt;
    private int timed;
    private boolean timing;

    /** What {@link #plan} found: bytes of data, and whether the end follows them. */
    int data;
    boolean fin;

    TcpSender(int first, ByteRing bytes, Timers.Timer timer) {
        this.first = una = next = max = first;
        this.bytes = bytes;
        this.timer = timer;
    }

    /** The number of our SYN. */
    int first() { return first; }

    /** The number of the next byte to be sent; one that was sent before when it is sent again. */
    int next() { return next; }

    /** The number behind all that was ever sent. */
    int max() { return max; }

    int mss() { return mss; }

    boolean endAcknowledged() { return endAcknowledged; }

    /** The Host has no more to say: after the bytes that are here comes the end. */
    void end() { ended = true; }

    /** A SYN was sent. */
    void synSent() {
        next = max = una + 1;
        timer.in(rto << Math.min(backoff, MAX_BACKOFF));
    }

    /** The guest's SYN, or the acknowledgment of ours, told these. */
    void open(int mss) { this.mss = mss; }

    /** The guest has acknowledged our SYN. */
    void opened(TcpSegment s, int scale, long now) {
        opening = false;
        una = next = max;
        tries = backoff = 0;
        timer.cancel();
        window = (long) s.window << scale;
        widest = window;
        windowSeq = s.seq;
        windowAck = s.ack;
    }

    /**
     * Decides what the next segment would hold, in {@link #data} and {@link #fin}; avoids silly windows (RFC 9293 section
     * 3.8.6.2.1), but never waits for more of the Host's bytes: what the Host's program wrote at once is here at once.
     *
     * @return false when nothing may go now
     */
    boolean plan() {
        int flying = next - una, have = bytes.size() - flying;
        if (endAcknowledged || have < 0) return false;
        long room = window - flying;
        int n = Math.clamp(room, 0, Math.min(have, LARGEST));
        if (n < have && n < Math.min(mss, widest / 2) || n == 0 && have > 0) n = probe && flying == 0 ? Math.min(have, Math.max(1, n)) : 0;
        if (n > mss && n < have) n -= n % mss;
        data = n;
        fin = ended && n == have && (room > n || probe);
        if (n > 0 || fin) return true;
        if (flying == 0 && (have > 0 || ended) && !timer.armed()) arm(); // the window is shut: ask again later (section 3.8.6.1)
        return false;
    }

    /** What was planned is copied into a packet at {@code at}, and is on its way. */
    void sent(byte[] to, int at, long now) {
        bytes.peek(next - una, to, at, data);
        next += data + (fin ? 1 : 0);
        probe = false;
        if (next - max > 0) {
            if (!timing && backoff == 0) {
                timing = true;
                timed = next;
                timedAt = now;
            }
            max = next;
        }
        if (!timer.armed()) arm();
    }

    private void arm() { timer.in(Math.min(MAX_RTO, rto << Math.min(backoff, MAX_BACKOFF))); }

    /** @return false when the guest has been silent too long */
    boolean timeout() {
        timing = false; // Karn: what is sent twice tells no time (RFC 6298 section 3)
        backoff++;
        if (++tries > (opening ? MAX_SYN_TRIES : MAX_TRIES)) return false;
        if (opening) return true;
        if (max != una) {
            recovering = true;
            recover = max;
        }
        next = una;
        probe = true;
        return true;
    }

    /**
     * An acknowledgment (RFC 9293 section 3.10.7.4, fifth).
     *
     * @param offered the window, in bytes
     * @return false when it acknowledges what was never sent
     */
    boolean acknowledge(TcpSegment s, long offered, long now) {
        if (s.ack - max > 0) return false;
        if (s.ack - una > 0) progress(s.ack, now);
        else if (s.ack == una && s.length == 0 && max != una && offered == window && offered > 0 && !s.has(TcpSegment.FIN)) duplicate();
        if (s.ack - una >= 0 && (s.seq - windowSeq > 0 || s.seq == windowSeq && s.ack - windowAck >= 0)) update(s, offered);
        if (window == 0) tries = 0; // a guest that answers is alive, however long it does not read
        return true;
    }

    private void progress(int ack, long now) {
        int n = ack - una, data = Math.min(n, bytes.size());
        bytes.drop(data);
        if (n > data) endAcknowledged = true;
        una = ack;
        if (next - una < 0) next = una;
        if (timing && ack - timed >= 0) {
            timing = false;
            measured(now - timedAt);
        }
        if (recovering && una - recover >= 0) recovering = false;
        duplicates = tries = backoff = 0;
        timer.cancel();
        if (una != max) arm();
    }

    private void duplicate() {
        if (++duplicates < DUPLICATES || recovering) return;
        recovering = true;
        recover = max;
        timing = false;
        next = una;
    }

    private void update(TcpSegment s, long offered) {
        if (window == 0 && offered > 0) { // what knocked at the shut window may have been thrown away
            next = una;
            timing = false;
            backoff = 0;
            timer.cancel();
        }
        window = offered;
        widest = Math.max(widest, offered);
        windowSeq = s.seq;
        windowAck = s.ack;
    }

    /** RFC 6298 section 2. */
    private void measured(long sample) {
        if (rtt == 0) {
            rtt = sample;
            deviation = sample / 2;
        } else {
            deviation += (Math.abs(rtt - sample) - deviation) / 4;
            rtt += (sample - rtt) / 8;
        }
        rto = Math.clamp(rtt + 4 * deviation, MIN_RTO, MAX_RTO);
    }
}
