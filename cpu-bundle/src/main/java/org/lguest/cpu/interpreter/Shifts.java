package org.lguest.cpu.interpreter;

/**
 * Shifts and rotates (Intel SDM volume 2). The count is masked to 5 bits here; a count of zero changes nothing, flags
 * included. OF for counts other than 1, and CF and OF beyond the operand's size, are undefined in the manual: what stands
 * here is what processors do. The operand size in bits is constant at every call.
 */
public final class Shifts {
    private Shifts() { }

    private static int mask(int size) { return -1 >>> 32 - size; }

    private static int extend(int v, int size) { return v << 32 - size >> 32 - size; }

    static int shl(Registers m, int a, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        m.carries = shlCarries(a, n, size);
        return shifted(m, shl(a, n, size));
    }

    static int shr(Registers m, int a, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        m.carries = shrCarries(a, n, size);
        return shifted(m, shr(a, n, size));
    }

    static int sar(Registers m, int a, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        m.carries = sarCarries(a, n, size);
        return shifted(m, sar(a, n, size));
    }

    private static int shifted(Registers m, int r) {
        m.result = r;
        return r;
    }

    static int rol(Registers m, int a, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        m.carries = rolCarries(a, n, size) | m.carries & 8;
        return rol(a, n, size);
    }

    static int ror(Registers m, int a, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        m.carries = rorCarries(a, n, size) | m.carries & 8;
        return ror(a, n, size);
    }

    // --- the same as functions of operand, count and size; the count is 1 to 31 ------------------------------------------

    /** SHL, sign-extended. */
    public static int shl(int a, int n, int size) { return size == 32 ? a << n : extend(a << n, size); }

    /** Carries of SHL: the last bit out, and the sign of the result. None of these has a branch, so that HotSpot can put them where they are needed. */
    public static int shlCarries(int a, int n, int size) { return (int) ((a & mask(size) & 0xFFFFFFFFL) << n >>> size - 1) << 30; }

    /** SHR, sign-extended. */
    public static int shr(int a, int n, int size) { return extend((a & mask(size)) >>> n, size); }

    /** Carries of SHR. */
    public static int shrCarries(int a, int n, int size) {
        int last = (a & mask(size)) >>> n - 1;
        return last << 31 | (last ^ last >>> size - 1) << 31 >>> 1;
    }

    /** SAR, sign-extended. */
    public static int sar(int a, int n, int size) { return extend(a, size) >> n; }

    /** Carries of SAR. */
    public static int sarCarries(int a, int n, int size) { return extend(a, size) >> n - 1 << 31 >> 1 & 0xC0000000; }

    /** ROL, zero-extended. */
    public static int rol(int a, int n, int size) {
        if (size == 32) return Integer.rotateLeft(a, n);
        int by = n & size - 1;
        int u = a & mask(size);
        return (u << by | u >>> size - by) & mask(size);
    }

    /** CF and OF of ROL as carries. */
    public static int rolCarries(int a, int n, int size) {
        int r = rol(a, n, size);
        return r << 31 | (r >>> size - 1) << 30;
    }

    /** ROR, zero-extended. */
    public static int ror(int a, int n, int size) {
        if (size == 32) return Integer.rotateRight(a, n);
        int by = n & size - 1;
        int u = a & mask(size);
        return (u >>> by | u << size - by) & mask(size);
    }

    /** CF and OF of ROR as carries. */
    public static int rorCarries(int a, int n, int size) { return ror(a, n, size) << 32 - size & 0xC0000000; }

    /** Rotates change CF and OF only. */
    private static int rotated(Registers m, int r, boolean cf, boolean of) {
        m.carries = Registers.carries(cf, of) | m.carries & 8;
        return r;
    }

    static int rcl(Registers m, int a, int count, int size) {
        int n = size == 32 ? count & 31 : (count & 31) % (size + 1);
        if ((count & 31) == 0) return a;
        long u = a & mask(size) & 0xFFFFFFFFL | (m.cf() ? 1L << size : 0);
        long r = n == 0 ? u : u << n | u >>> size + 1 - n;
        boolean cf = (r >>> size & 1) != 0;
        return rotated(m, (int) r & mask(size), cf, cf != ((r >>> size - 1 & 1) != 0));
    }

    static int rcr(Registers m, int a, int count, int size) {
        int n = size == 32 ? count & 31 : (count & 31) % (size + 1);
        if ((count & 31) == 0) return a;
        long u = a & mask(size) & 0xFFFFFFFFL | (m.cf() ? 1L << size : 0);
        long r = n == 0 ? u : u >>> n | u << size + 1 - n;
        return rotated(m, (int) r & mask(size), (r >>> size & 1) != 0, ((r >>> size - 1 ^ r >>> size - 2) & 1) != 0);
    }

    /** SHLD: high bits of {@code b} enter {@code a} from the right. */
    static int shld(Registers m, int a, int b, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        long both = (a & mask(size) & 0xFFFFFFFFL) << size | b & mask(size) & 0xFFFFFFFFL;
        if (size == 16) both = both << 16 | a & 0xFFFF; // counts above 16 go round, as processors do
        int width = size == 16 ? 48 : 64;
        int r = extend((int) (both << n >>> width - size), size);
        boolean cf = (both >>> width - n & 1) != 0;
        m.result = r;
        m.carries = Registers.carries(cf, (r ^ extend(a, size)) < 0);
        return r;
    }

    /** Carries of SHLD of 32 bits, whose result is {@code r}. */
    public static int shldCarries(int a, int r, int n) { return carries(a >>> -n, r ^ a); }

    /** Carries of SHRD of 32 bits, whose result is {@code r}. */
    public static int shrdCarries(int a, int r, int n) { return carries(a >>> n - 1, r ^ a); }

    /** CF is the lowest bit of {@code last}, OF the sign of {@code turned}. */
    private static int carries(int last, int turned) {
        int cf = last << 31;
        return cf | (cf ^ turned & 0x80000000) >>> 1;
    }

    /** SHRD: low bits of {@code b} enter {@code a} from the left. */
    static int shrd(Registers m, int a, int b, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        long both = (b & mask(size) & 0xFFFFFFFFL) << size | a & mask(size) & 0xFFFFFFFFL;
        if (size == 16) both |= (a & 0xFFFFL) << 32;
        int r = extend((int) (both >>> n), size);
        boolean cf = (both >>> n - 1 & 1) != 0;
        m.result = r;
        m.carries = Registers.carries(cf, (r ^ extend(a, size)) < 0);
        return r;
    }
}
