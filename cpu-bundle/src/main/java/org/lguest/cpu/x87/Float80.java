package org.lguest.cpu.x87;

/**
 * The double-extended format (Intel SDM volume 1, section 4.2.2): sign and exponent in 16 bits of an int, beside a 64-bit significand whose
 * top bit is the explicit integer bit. The value of a normal number is {@code significand * 2^(exponent - 16383 - 63)}.
 * Also the bits of status and control word that arithmetic deals in.
 */
final class Float80 {
    static final int BIAS = 16383;
    /** Exponent of infinities and NaNs. */
    static final int MAX = 0x7FFF;
    static final int SIGN = 0x8000;
    static final long INTEGER = 1L << 63;
    /** Set in a quiet NaN, clear in a signaling one. */
    static final long QUIET = 1L << 62;
    /** The default NaN, "real indefinite": {@code FFFF:C000000000000000}. */
    static final int INDEFINITE = 0xFFFF;
    static final long INDEFINITE_SIGNIFICAND = INTEGER | QUIET;

    /** Exception flags of the status word, in the places where the control word has their masks. */
    static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 0x10, PE = 0x20, EXCEPTIONS = 0x3F;
    /** The exceptions found before an operation is carried out: unmasked, they leave the destination untouched. */
    static final int BEFORE = IE | DE | ZE;
    /** Stack fault, error summary, condition codes and busy bit of the status word. */
    static final int SF = 0x40, ES = 0x80, C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, BUSY = 0x8000;

    /** Rounding control, bits 10 and 11 of the control word. */
    static final int NEAREST = 0, DOWN = 1, UP = 2, CHOP = 3;

    private Float80() { }

    static boolean isNaN(int se, long sig) {
        return (se & MAX) == MAX && sig << 1 != 0;
    }

    /** Whether a NaN signals; only meaningful when {@link #isNaN}. */
    static boolean signals(long sig) {
        return (sig & QUIET) == 0;
    }

    static boolean isInfinite(int se, long sig) {
        return (se & MAX) == MAX && sig << 1 == 0;
    }

    /** Exponent and significand both zero; the sign does not matter. */
    static boolean isZero(int se, long sig) {
        return sig == 0 && (se & MAX) == 0;
    }

    /** Denormals, and pseudo-denormals (exponent 0 with the integer bit set), which behave like them. */
    static boolean isDenormal(int se, long sig) {
        return (se & MAX) == 0 && sig != 0;
    }

    /** Unnormals, pseudo-infinities, pseudo-NaNs: what the 8087 knew and no later unit accepts (SDM volume 1, section 8.2.2). */
    static boolean isUnsupported(int se, long sig) {
        return (se & MAX) != 0 && sig >= 0;
    }

    /** A finite number with the integer bit set and an exponent that is neither extreme: no special case applies. */
    static boolean isNormal(int se, long sig) {
        return sig < 0 && (se & MAX) != 0 && (se & MAX) != MAX;
    }
}
