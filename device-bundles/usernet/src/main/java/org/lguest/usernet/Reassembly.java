package org.lguest.usernet;

import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Puts the fragments of IP packets together (RFC 791 section 3.2; bits instead of RFC 815's holes). At most {@link #MAX}
 * packets are under way, each for at most fifteen seconds, so what a guest never completes costs a bounded sum.
 */
final class Reassembly {
    static final int MAX = 16;
    private static final long PATIENCE = 15_000_000_000L;

    private record Key(int source, int destination, int idAndProtocol) { }

    private static final class Partial {
        byte[] bytes = new byte[2048];
        final BitSet units = new BitSet();
        int length = -1;
        long deadline;
    }

    private final Timers.Timer expiry;
    private final Map<Key, Partial> partials = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Partial> eldest) { return size() > MAX; }
    };

    Reassembly(Timers timers) { expiry = timers.timer(this::expire); }

    int size() { return partials.size(); }

    private void expire() {
        long now = Timers.now();
        partials.values().removeIf(x -> x.deadline - now <= 0);
        if (!partials.isEmpty()) expiry.in(PATIENCE);
    }

    /**
     * A fragment of {@code total} bytes with its header, at {@code at}.
     *
     * @param offset in bytes
     * @return the whole packet with a header of 20 bytes at {@link Ip#IP}, or null while pieces are missing
     */
    byte[] add(byte[] p, int at, int header, int total, int offset, boolean more) {
        int n = total - header;
        if (n == 0 || more && n % 8 != 0 || offset + n > 65_535 - 20) return null;
        Key key = new Key(Bytes.i32(p, at + 12), Bytes.i32(p, at + 16), Bytes.u16(p, at + 4) << 8 | Bytes.u8(p, at + 9));
        Partial x = partials.computeIfAbsent(key, k -> new Partial());
        if (x.deadline == 0) x.deadline = Timers.now() + PATIENCE;
        if (!expiry.armed()) expiry.in(PATIENCE);
        int end = offset + n;
        if (x.length >= 0 && (end > x.length || !more && end != x.length) || !more && x.units.length() * 8 > (end + 7 & ~7)) {
            partials.remove(key); // pieces that contradict each other
            return null;
        }
        if (!more) x.length = end;
        int need = Ip.PAYLOAD + end;
        if (x.bytes.length < need) x.bytes = Arrays.copyOf(x.bytes, Math.max(need, x.bytes.length * 2));
        System.arraycopy(p, at + header, x.bytes, Ip.PAYLOAD + offset, n);
        if (offset == 0) System.arraycopy(p, at, x.bytes, Ip.IP, 20);
        x.units.set(offset / 8, (end + 7) / 8);
        if (x.length < 0 || x.units.nextClearBit(0) * 8 < x.length) return null;
        partials.remove(key);
        byte[] whole = Arrays.copyOf(x.bytes, Ip.PAYLOAD + x.length);
        Bytes.put16(whole, Ip.IP, 0x45 << 8 | Bytes.u8(whole, Ip.IP + 1));
        Bytes.put16(whole, Ip.IP + 2, 20 + x.length);
        Bytes.put16(whole, Ip.IP + 6, 0);
        return whole;
    }
}
