package org.lguest.cpu.interpreter;

/**
 * Shifts and rotates (Intel SDM volume 2). The count is masked to 5 bits here; a count of zero changes nothing, flags
 * included. OF for counts other than 1, and CF and OF beyond the operand's size, are undefined in the manual: what stands
 * here is what processors do. The operand size in bits is constant at every call.
 */
final class Shifts {
    private Shifts() { }

    private static int mask(int size) { return -1 >>> 32 - size; }

    private static int extend(int v, int size) { return v << 32 - size >> 32 - size; }

    static int shl(Registers m, int a, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        long wide = (a & mask(size) & 0xFFFFFFFFL) << n;
        int r = extend((int) wide, size);
        boolean cf = (wide >>> size & 1) != 0;
        m.result = r;
        m.carries = Registers.carries(cf, cf != r < 0);
        return r;
    }

    static int shr(Registers m, int a, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        int u = a & mask(size);
        int r = extend(u >>> n, size);
        boolean cf = (u >>> n - 1 & 1) != 0;
        m.result = r;
        m.carries = Registers.carries(cf, ((r << 1 ^ r) << 32 - size) < 0);
        return r;
    }

    static int sar(Registers m, int a, int count, int size) {
        int n = count & 31;
        if (n == 0) return a;
        int s = extend(a, size);
        int r = s >> n;
        m.result = r;
        m.carries = Registers.carries((s >> n - 1 & 1) != 0, false);
        return r;
    }

    /** Rotates change CF and OF only. */
    private static int rotated(Registers m, int r, boolean cf, boolean of) {
        m.carries = Registers.carries(cf, of) | m.carries & 8;
        return r;
    }

    static int rol(Registers m, int a, int count, int size) {
        if ((count & 31) == 0) return a;
        int n = count & size - 1;
        int u = a & mask(size);
        int r = n == 0 ? u : (u << n | u >>> size - n) & mask(size);
        boolean cf = (r & 1) != 0;
        return rotated(m, r, cf, cf != (r >>> size - 1 != 0));
    }

    static int ror(Registers m, int a, int count, int size) {
        if ((count & 31) == 0) return a;
        int n = count & size - 1;
        int u = a & mask(size);
        int r = n == 0 ? u : (u >>> n | u << size - n) & mask(size);
        return rotated(m, r, r >>> size - 1 != 0, ((r >>> size - 1 ^ r >>> size - 2) & 1) != 0);
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
