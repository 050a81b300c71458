package org.lguest.cpu.simd;

import java.util.HashMap;
import java.util.Map;

/**
 * M:160 Arithmetic on several small numbers in one long, the way MMX and SSE2 do it (Intel SDM volume 1, section 9.4).
 *
 * <p>An operation on a register of 128 bits is the same one on its two halves, so all of this is written for 64. The
 * operations that programs lean on, comparing and adding bytes in string functions above all, work on all lanes at once:
 * carries are kept from running into the next lane by taking the top bit of each lane out of the sum and putting it back by
 * exclusive or. The rest takes lane after lane, and is one line each.
 */
public final class Lanes {
    /** An operation on two operands; the first one is the destination's old value. */
    public interface Binary {
        /** All lanes. */
        long of(long a, long b);
    }

    /** The same for one lane, as an int. */
    private interface Lane {
        int of(int a, int b);
    }

    private static final long TOPS8 = 0x8080808080808080L, TOPS16 = 0x8000800080008000L, TOPS32 = 0x8000000080000000L;
    private static final Map<String, Binary> BINARY = new HashMap<>();

    static {
        logic();
        sums();
        comparisons();
        products();
    }

    private Lanes() { }

    /** The operation of a mnemonic. */
    public static Binary binary(String mnemonic) {
        Binary f = BINARY.get(mnemonic);
        if (f == null) throw new IllegalArgumentException("no lanes of " + mnemonic);
        return f;
    }

    private static void logic() {
        for (String type : new String[] {"P", "PS", "PD"}) { // PAND, ANDPS, ANDPD: bits are bits
            String before = type.equals("P") ? "P" : "";
            String after = type.equals("P") ? "" : type;
            BINARY.put(before + "AND" + after, (a, b) -> a & b);
            BINARY.put(before + "ANDN" + after, (a, b) -> ~a & b);
            BINARY.put(before + "OR" + after, (a, b) -> a | b);
            BINARY.put(before + "XOR" + after, (a, b) -> a ^ b);
        }
    }

    private static void sums() {
        BINARY.put("PADDB", (a, b) -> add(a, b, TOPS8));
        BINARY.put("PADDW", (a, b) -> add(a, b, TOPS16));
        BINARY.put("PADDD", (a, b) -> add(a, b, TOPS32));
        BINARY.put("PADDQ", Long::sum);
        BINARY.put("PSUBB", (a, b) -> subtract(a, b, TOPS8));
        BINARY.put("PSUBW", (a, b) -> subtract(a, b, TOPS16));
        BINARY.put("PSUBD", (a, b) -> subtract(a, b, TOPS32));
        BINARY.put("PSUBQ", (a, b) -> a - b);
        BINARY.put("PADDSB", (a, b) -> signed8(a, b, (x, y) -> clamp(x + y, -0x80, 0x7F)));
        BINARY.put("PADDSW", (a, b) -> signed16(a, b, (x, y) -> clamp(x + y, -0x8000, 0x7FFF)));
        BINARY.put("PADDUSB", (a, b) -> unsigned8(a, b, (x, y) -> Math.min(x + y, 0xFF)));
        BINARY.put("PADDUSW", (a, b) -> unsigned16(a, b, (x, y) -> Math.min(x + y, 0xFFFF)));
        BINARY.put("PSUBSB", (a, b) -> signed8(a, b, (x, y) -> clamp(x - y, -0x80, 0x7F)));
        BINARY.put("PSUBSW", (a, b) -> signed16(a, b, (x, y) -> clamp(x - y, -0x8000, 0x7FFF)));
        BINARY.put("PSUBUSB", (a, b) -> unsigned8(a, b, (x, y) -> Math.max(x - y, 0)));
        BINARY.put("PSUBUSW", (a, b) -> unsigned16(a, b, (x, y) -> Math.max(x - y, 0)));
        BINARY.put("PAVGB", (a, b) -> unsigned8(a, b, (x, y) -> x + y + 1 >> 1));
        BINARY.put("PAVGW", (a, b) -> unsigned16(a, b, (x, y) -> x + y + 1 >> 1));
    }

    private static void comparisons() {
        BINARY.put("PCMPEQB", (a, b) -> zeros(a ^ b, TOPS8, 7));
        BINARY.put("PCMPEQW", (a, b) -> zeros(a ^ b, TOPS16, 15));
        BINARY.put("PCMPEQD", (a, b) -> zeros(a ^ b, TOPS32, 31));
        BINARY.put("PCMPGTB", (a, b) -> signed8(a, b, (x, y) -> x > y ? -1 : 0));
        BINARY.put("PCMPGTW", (a, b) -> signed16(a, b, (x, y) -> x > y ? -1 : 0));
        BINARY.put("PCMPGTD", (a, b) -> dwords((int) a > (int) b ? -1 : 0, a >> 32 > b >> 32 ? -1 : 0));
        BINARY.put("PMINUB", (a, b) -> unsigned8(a, b, Math::min));
        BINARY.put("PMAXUB", (a, b) -> unsigned8(a, b, Math::max));
        BINARY.put("PMINSW", (a, b) -> signed16(a, b, Math::min));
        BINARY.put("PMAXSW", (a, b) -> signed16(a, b, Math::max));
    }

    private static void products() {
        BINARY.put("PMULLW", (a, b) -> signed16(a, b, (x, y) -> x * y));
        BINARY.put("PMULHW", (a, b) -> signed16(a, b, (x, y) -> x * y >> 16));
        BINARY.put("PMULHUW", (a, b) -> unsigned16(a, b, (x, y) -> x * y >>> 16));
        BINARY.put("PMULUDQ", (a, b) -> (a & 0xFFFFFFFFL) * (b & 0xFFFFFFFFL));
        BINARY.put("PMADDWD", (a, b) -> dwords(pairs((int) a, (int) b), pairs((int) (a >>> 32), (int) (b >>> 32))));
        BINARY.put("PSADBW", Lanes::distance);
    }

    // --- all lanes at once ------------------------------------------------------------------------------------------

    private static long add(long a, long b, long tops) { return (a & ~tops) + (b & ~tops) ^ (a ^ b) & tops; }

    private static long subtract(long a, long b, long tops) { return (a | tops) - (b & ~tops) ^ (a ^ ~b) & tops; }

    /** All ones in the lanes that are zero. */
    private static long zeros(long v, long tops, int shift) {
        long top = ~((v & ~tops) + ~tops | v) & tops; // a lane's top bit: nothing in it, and no carry from what is below
        return (top << 1) - (top >>> shift);
    }

    /** The top bits of eight bytes. */
    public static int signs8(long v) {
        // the bit of byte n times 2^(56 - 7n) lands in bit 56 + n, and below that no two meet
        return (int) ((v >>> 7 & 0x0101010101010101L) * 0x0102040810204080L >>> 56);
    }

    // --- lane after lane --------------------------------------------------------------------------------------------

    private static int clamp(int v, int min, int max) { return Math.max(min, Math.min(max, v)); }

    private static long signed8(long a, long b, Lane f) {
        long r = 0;
        for (int s = 0; s < 64; s += 8) r |= (f.of((byte) (a >>> s), (byte) (b >>> s)) & 0xFFL) << s;
        return r;
    }

    private static long unsigned8(long a, long b, Lane f) {
        long r = 0;
        for (int s = 0; s < 64; s += 8) r |= (f.of((int) (a >>> s) & 0xFF, (int) (b >>> s) & 0xFF) & 0xFFL) << s;
        return r;
    }

    private static long signed16(long a, long b, Lane f) {
        long r = 0;
        for (int s = 0; s < 64; s += 16) r |= (f.of((short) (a >>> s), (short) (b >>> s)) & 0xFFFFL) << s;
        return r;
    }

    private static long unsigned16(long a, long b, Lane f) {
        long r = 0;
        for (int s = 0; s < 64; s += 16) r |= (f.of((int) (a >>> s) & 0xFFFF, (int) (b >>> s) & 0xFFFF) & 0xFFFFL) << s;
        return r;
    }

    /** Two lanes of 32 bits in one long. */
    public static long dwords(int low, int high) { return (long) high << 32 | low & 0xFFFFFFFFL; }

    /** PMADDWD for two pairs of words: the one sum that leaves 32 bits, of four times -32768, wraps. */
    private static int pairs(int a, int b) { return (short) a * (short) b + (a >> 16) * (b >> 16); }

    private static long distance(long a, long b) {
        int sum = 0;
        for (int s = 0; s < 64; s += 8) sum += Math.abs(((int) (a >>> s) & 0xFF) - ((int) (b >>> s) & 0xFF));
        return sum;
    }

    // --- lanes that change their width or place ---------------------------------------------------------------------

    /** Bytes, words or dwords of two halves, by turns: PUNPCK. */
    public interface Interleave {
        /** Of four bytes each. */
        long of(int a, int b);
    }

    /** PUNPCKxBW: a0 b0 a1 b1 a2 b2 a3 b3. */
    public static long interleave8(int a, int b) { return spread8(a) | spread8(b) << 8; }

    /** PUNPCKxWD. */
    public static long interleave16(int a, int b) { return spread16(a) | spread16(b) << 16; }

    private static long spread8(int v) {
        long w = spread16(v);
        return (w | w << 8) & 0x00FF00FF00FF00FFL;
    }

    private static long spread16(int v) { return (v & 0xFFFF0000L) << 16 | v & 0xFFFFL; }

    /** Four or two lanes become half as wide, with saturation: PACK. */
    public interface Pack {
        /** The 32 bits of one half. */
        int of(long v);
    }

    /** The pack operation of a mnemonic. */
    public static Pack pack(String mnemonic) {
        return switch (mnemonic) {
            case "PACKSSWB" -> v -> words(v, -0x80, 0x7F);
            case "PACKUSWB" -> v -> words(v, 0, 0xFF);
            case "PACKSSDW" -> v -> clamp((int) v, -0x8000, 0x7FFF) & 0xFFFF | clamp((int) (v >>> 32), -0x8000, 0x7FFF) << 16;
            default -> throw new IllegalArgumentException("no pack of " + mnemonic);
        };
    }

    private static int words(long v, int min, int max) {
        int r = 0;
        for (int n = 0; n < 4; n++) r |= (clamp((short) (v >>> 16 * n), min, max) & 0xFF) << 8 * n;
        return r;
    }

    /** Chooses four words of one long, two bits of {@code order} each: PSHUFW. */
    public static long shuffleWords(long v, int order) {
        long r = 0;
        for (int n = 0; n < 4; n++) r |= (v >>> 16 * (order >>> 2 * n & 3) & 0xFFFF) << 16 * n;
        return r;
    }

    /** A shift of all lanes by the same count. */
    public interface Shift {
        /** @param count not negative; as large as you like */
        long of(long v, int count);
    }

    /** The shift of a mnemonic: counts beyond a lane leave nothing, or the sign. */
    public static Shift shift(String mnemonic) {
        return switch (mnemonic) {
            case "PSLLW" -> (v, n) -> n > 15 ? 0 : v << n & lanes16(0xFFFF << n);
            case "PSLLD" -> (v, n) -> n > 31 ? 0 : dwords((int) v << n, (int) (v >>> 32) << n);
            case "PSLLQ" -> (v, n) -> n > 63 ? 0 : v << n;
            case "PSRLW" -> (v, n) -> n > 15 ? 0 : v >>> n & lanes16(0xFFFF >>> n);
            case "PSRLD" -> (v, n) -> n > 31 ? 0 : dwords((int) v >>> n, (int) (v >>> 32) >>> n);
            case "PSRLQ" -> (v, n) -> n > 63 ? 0 : v >>> n;
            case "PSRAW" -> (v, n) -> signed16(v, 0, (x, y) -> x >> Math.min(n, 15));
            case "PSRAD" -> (v, n) -> dwords((int) v >> Math.min(n, 31), (int) (v >>> 32) >> Math.min(n, 31));
            default -> throw new IllegalArgumentException("no shift of " + mnemonic);
        };
    }

    private static long lanes16(int word) { return (word & 0xFFFFL) * 0x0001000100010001L; }
}
