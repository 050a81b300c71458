package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

/**
 * Arithmetic on {@link Float80} numbers as the x87 does it: four rounding modes, three precisions, exception flags, NaN rules (Intel SDM
 * volume 1, sections 4.8, 4.9, 8.5). One object belongs to one unit and is used by its vCPU thread only.
 *
 * <p>An operation begins with {@link #begin}, takes its operands as arguments and leaves the result in {@link #se} and {@link #sig}, and in
 * {@link #flags} what it raised, with C1 set when the significand was rounded up. Results of masked exceptions are computed as the masks in the
 * control word say; when {@code flags & ~control & BEFORE} is not zero the result is meaningless, as the operation never happens.
 */
public final class SoftFloat {
    /** Exponent adjustment of unmasked overflow and underflow (SDM volume 1, section 8.5.4): 3 * 2^13. */
    private static final int WRAP = 0x6000;

    /** Control word of the current operation. */
    public int control = 0x37F;
    /** Exceptions and C1 of the current operation. */
    public int flags;
    /** DE when an operand came from memory as a denormal float or double, which its conversion made normal; else 0. */
    public int loadedDenormal;
    /** Sign and exponent of the result. */
    public int se;
    /** Significand of the result. */
    public long sig;

    // Exponents (possibly below 1) and normalized significands of the operands, left by normalizeA and normalizeB.
    private int aExp, bExp;
    private long aSig, bSig;

    /** Starts an operation under a control word. */
    public void begin(int controlWord) {
        control = controlWord;
        flags = 0;
        loadedDenormal = 0;
    }

    int rounding() {
        return control >> 10 & 3;
    }

    void set(int signExponent, long significand) {
        se = signExponent;
        sig = significand;
    }

    /** An invalid operation: IE, and the default NaN. */
    void invalid() {
        flags |= IE;
        se = INDEFINITE;
        sig = INDEFINITE_SIGNIFICAND;
    }

    // ---- the four operations and the square root; precision control applies ----

    /** Sum. */
    public void add(int ase, long as, int bse, long bs) {
        if (isNormal(ase, as) && isNormal(bse, bs)) {
            flags |= loadedDenormal;
            sum(ase, as, bse, bs);
        } else {
            addSpecial(ase, as, bse, bs, 0);
        }
    }

    /** Difference. */
    public void sub(int ase, long as, int bse, long bs) {
        if (isNormal(ase, as) && isNormal(bse, bs)) {
            flags |= loadedDenormal;
            sum(ase, as, bse ^ SIGN, bs);
        } else {
            addSpecial(ase, as, bse, bs, SIGN);
        }
    }

    private void addSpecial(int ase, long as, int bse, long bs, int flip) {
        if (notNumbers(ase, as, bse, bs)) return;
        int b = bse ^ flip;
        if (isInfinite(ase, as) || isInfinite(bse, bs)) {
            if (isInfinite(ase, as) && isInfinite(bse, bs) && ase != b) {
                invalid();
                return;
            }
            denormals(ase, as, bse, bs);
            if (isInfinite(ase, as)) set(ase, as);
            else set(b, bs);
            return;
        }
        denormals(ase, as, bse, bs);
        if (as == 0 && bs == 0) {
            set((ase & SIGN) == (b & SIGN) ? ase : rounding() == DOWN ? SIGN : 0, 0);
        } else if (bs == 0) {
            normalizeA(ase, as);
            round(ase & SIGN, aExp, aSig, 0);
        } else if (as == 0) {
            normalizeB(bse, bs);
            round(b & SIGN, bExp, bSig, 0);
        } else {
            normalizeA(ase, as);
            normalizeB(bse, bs);
            sum(ase & SIGN, aExp, aSig, b & SIGN, bExp, bSig);
        }
    }

    private void sum(int ase, long as, int bse, long bs) {
        sum(ase & SIGN, ase & MAX, as, bse & SIGN, bse & MAX, bs);
    }

    private void sum(int aSign, int ae, long as, int bSign, int be, long bs) {
        int d = ae - be;
        if (d < 0 || d == 0 && Long.compareUnsigned(as, bs) < 0) {
            int sign = aSign;
            aSign = bSign;
            bSign = sign;
            ae = be;
            d = -d;
            long s = as;
            as = bs;
            bs = s;
        }
        long hi, lo;
        if (d == 0) {
            hi = bs;
            lo = 0;
        } else if (d < 64) {
            hi = bs >>> d;
            lo = bs << 64 - d;
        } else {
            hi = 0;
            lo = d == 64 ? bs : d < 128 ? bs >>> d - 64 | (bs << 128 - d != 0 ? 1 : 0) : 1;
        }
        if (aSign == bSign) addAligned(aSign, ae, as, hi, lo);
        else subtractAligned(aSign, ae, as, hi, lo);
    }

    private void addAligned(int sign, int exp, long as, long hi, long lo) {
        long s = as + hi;
        if (Long.compareUnsigned(s, as) < 0) { // carried out
            lo = s << 63 | lo >>> 1 | lo & 1;
            s = s >>> 1 | INTEGER;
            exp++;
        }
        round(sign, exp, s, lo);
    }

    private void subtractAligned(int sign, int exp, long as, long hi, long lo) {
        long l = -lo, h = as - hi - (lo != 0 ? 1 : 0);
        if (h == 0) {
            if (l == 0) {
                set(rounding() == DOWN ? SIGN : 0, 0);
                return;
            }
            h = l;
            l = 0;
            exp -= 64;
        }
        int shift = Long.numberOfLeadingZeros(h);
        if (shift != 0) {
            h = h << shift | l >>> 64 - shift;
            l <<= shift;
        }
        round(sign, exp - shift, h, l);
    }

    /** Product. */
    public void mul(int ase, long as, int bse, long bs) {
        int sign = (ase ^ bse) & SIGN;
        if (isNormal(ase, as) && isNormal(bse, bs)) {
            flags |= loadedDenormal;
            product(sign, (ase & MAX) + (bse & MAX), as, bs);
            return;
        }
        if (notNumbers(ase, as, bse, bs)) return;
        boolean aInf = isInfinite(ase, as), bInf = isInfinite(bse, bs);
        if (aInf && isZero(bse, bs) || bInf && isZero(ase, as)) {
            invalid();
            return;
        }
        denormals(ase, as, bse, bs);
        if (aInf || bInf) {
            set(sign | MAX, INTEGER);
        } else if (as == 0 || bs == 0) {
            set(sign, 0);
        } else {
            normalizeA(ase, as);
            normalizeB(bse, bs);
            product(sign, aExp + bExp, aSig, bSig);
        }
    }

    private void product(int sign, int exps, long as, long bs) {
        long hi = Math.unsignedMultiplyHigh(as, bs), lo = as * bs;
        if (hi >= 0) round(sign, exps - BIAS, hi << 1 | lo >>> 63, lo << 1);
        else round(sign, exps - BIAS + 1, hi, lo);
    }

    /** Quotient. */
    public void div(int ase, long as, int bse, long bs) {
        int sign = (ase ^ bse) & SIGN;
        if (isNormal(ase, as) && isNormal(bse, bs)) {
            flags |= loadedDenormal;
            quotient(sign, (ase & MAX) - (bse & MAX), as, bs);
            return;
        }
        if (notNumbers(ase, as, bse, bs)) return;
        boolean aInf = isInfinite(ase, as), bInf = isInfinite(bse, bs), aZero = isZero(ase, as), bZero = isZero(bse, bs);
        if (aInf && bInf || aZero && bZero) {
            invalid();
            return;
        }
        if (bZero && !aInf) {
            flags |= ZE;
            set(sign | MAX, INTEGER);
            return;
        }
        denormals(ase, as, bse, bs);
        if (aInf) {
            set(sign | MAX, INTEGER);
        } else if (bInf || aZero) {
            set(sign, 0);
        } else {
            normalizeA(ase, as);
            normalizeB(bse, bs);
            quotient(sign, aExp - bExp, aSig, bSig);
        }
    }

    private void quotient(int sign, int exp, long as, long bs) {
        exp += BIAS - 1;
        long lo = 0;
        if (Long.compareUnsigned(as, bs) >= 0) {
            lo = as << 63;
            as >>>= 1;
            exp++;
        }
        long q = Wide.divide(as, lo, bs), r = Wide.remainder(lo, bs, q);
        long rest = 0; // twice the remainder against the divisor: the half and the sticky bit
        if (r != 0) rest = Long.compareUnsigned(r, bs - r) > 0 ? INTEGER | 1 : r == bs - r ? INTEGER : 1;
        round(sign, exp, q, rest);
    }

    /** Square root. */
    public void sqrt(int ase, long as) {
        if (oneNotNumber(ase, as)) return;
        if (isZero(ase, as)) {
            set(ase, as);
            return;
        }
        if ((ase & SIGN) != 0) {
            invalid();
            return;
        }
        if (isInfinite(ase, as)) {
            set(ase, as);
            return;
        }
        denormal(ase, as);
        normalizeA(ase, as);
        int e = aExp - BIAS;
        long hi = (e & 1) == 0 ? aSig >>> 1 : aSig, lo = (e & 1) == 0 ? aSig << 63 : 0;
        long root = Wide.sqrt(hi, lo);
        long square = root * root, rLo = lo - square;
        long rHi = hi - Math.unsignedMultiplyHigh(root, root) - (Long.compareUnsigned(lo, square) < 0 ? 1 : 0);
        long rest = (rHi | rLo) == 0 ? 0 : rHi != 0 || Long.compareUnsigned(rLo, root) > 0 ? INTEGER | 1 : 1;
        round(0, (e >> 1) + BIAS, root, rest);
    }

    // ---- operands ----

    /** Handles unsupported formats and NaNs; true if it left a result. */
    boolean notNumbers(int ase, long as, int bse, long bs) {
        if (isUnsupported(ase, as) || isUnsupported(bse, bs)) {
            invalid();
            return true;
        }
        boolean an = isNaN(ase, as), bn = isNaN(bse, bs);
        if (!an && !bn) return false;
        boolean aSignals = an && signals(as), bSignals = bn && signals(bs);
        if (aSignals || bSignals) flags |= IE;
        boolean first;
        if (!an || !bn) first = an;
        else if (aSignals != bSignals) first = bSignals;
        else if (as != bs) first = Long.compareUnsigned(as, bs) > 0;
        else first = ase < bse;
        if (first) set(ase, as | QUIET);
        else set(bse, bs | QUIET);
        return true;
    }

    /** The same for one operand. */
    boolean oneNotNumber(int ase, long as) {
        if (isUnsupported(ase, as)) {
            invalid();
            return true;
        }
        if (!isNaN(ase, as)) return false;
        if (signals(as)) flags |= IE;
        set(ase, as | QUIET);
        return true;
    }

    void denormals(int ase, long as, int bse, long bs) {
        flags |= loadedDenormal;
        if (isDenormal(ase, as) || isDenormal(bse, bs)) flags |= DE;
    }

    void denormal(int ase, long as) {
        flags |= loadedDenormal;
        if (isDenormal(ase, as)) flags |= DE;
    }

    private void normalizeA(int ase, long as) {
        int shift = Long.numberOfLeadingZeros(as);
        aExp = Math.max(ase & MAX, 1) - shift;
        aSig = as << shift;
    }

    private void normalizeB(int bse, long bs) {
        int shift = Long.numberOfLeadingZeros(bs);
        bExp = Math.max(bse & MAX, 1) - shift;
        bSig = bs << shift;
    }

    // ---- rounding ----

    /**
     * Rounds {@code hi.lo * 2^(exp - BIAS - 63)}, with bit 63 of {@code hi} set and the lowest bit of {@code lo} sticky, to the precision
     * of the control word.
     */
    void round(int sign, int exp, long hi, long lo) {
        int pc = control >> 8 & 3;
        round(sign, exp, hi, lo, pc == 2 ? 11 : pc == 0 ? 40 : 0);
    }

    /** The same to 64 bits, whatever precision is asked for. */
    void roundFull(int sign, int exp, long hi, long lo) {
        round(sign, exp, hi, lo, 0);
    }

    private void round(int sign, int exp, long hi, long lo, int drop) {
        if (exp <= 0 || exp >= MAX) {
            roundExtreme(sign, exp, hi, lo, drop);
            return;
        }
        if (drop != 0) {
            lo = hi << 64 - drop | (lo != 0 ? 1 : 0);
            hi = hi >>> drop << drop;
        }
        if (lo != 0) {
            if (roundsUp(sign, hi >>> drop, lo)) {
                hi += 1L << drop;
                if (hi == 0) {
                    hi = INTEGER;
                    if (++exp == MAX) {
                        overflow(sign, exp, hi, PE | C1, drop);
                        return;
                    }
                }
                flags |= PE | C1;
            } else {
                flags |= PE;
            }
        }
        se = sign | exp;
        sig = hi;
    }

    boolean roundsUp(int sign, long kept, long rest) {
        return roundsUp(rounding(), sign, kept, rest);
    }

    /**
     * Whether a magnitude grows when its tail is cut off.
     *
     * @param kept only the lowest bit counts, for ties
     * @param rest the tail, not zero: bit 63 is worth half of the lowest kept bit
     */
    static boolean roundsUp(int mode, int sign, long kept, long rest) {
        return switch (mode) {
            case NEAREST -> rest < 0 && (rest != INTEGER || (kept & 1) != 0);
            case DOWN -> sign != 0;
            case UP -> sign == 0;
            default -> false;
        };
    }

    private void roundExtreme(int sign, int exp, long hi, long lo, int drop) {
        long rest = drop == 0 ? lo : hi << 64 - drop | (lo != 0 ? 1 : 0);
        long kept = hi >>> drop << drop;
        int inexact = 0, carried = exp;
        if (rest != 0) {
            inexact = PE;
            if (roundsUp(sign, kept >>> drop, rest)) {
                inexact |= C1;
                kept += 1L << drop;
                if (kept == 0) {
                    kept = INTEGER;
                    carried++;
                }
            }
        }
        if (exp >= MAX) {
            overflow(sign, carried, kept, inexact, drop);
        } else if (carried <= 0 && (control & UE) == 0) { // unmasked: tiny is enough, the exponent wraps
            flags |= UE;
            wrap(sign, carried + WRAP, kept, inexact);
        } else {
            denormalize(sign, exp, hi, lo, drop, carried <= 0);
        }
    }

    private void denormalize(int sign, int exp, long hi, long lo, int drop, boolean tiny) {
        int shift = 1 - exp;
        if (shift < 64) {
            lo = hi << 64 - shift | lo >>> shift | (lo << 64 - shift != 0 ? 1 : 0);
            hi >>>= shift;
        } else {
            lo = shift == 64 ? hi | (lo != 0 ? 1 : 0) : 1;
            hi = 0;
        }
        if (drop != 0) {
            lo = hi << 64 - drop | (lo != 0 ? 1 : 0);
            hi = hi >>> drop << drop;
        }
        if (lo != 0) {
            flags |= tiny ? UE | PE : PE;
            if (roundsUp(sign, hi >>> drop, lo)) {
                flags |= C1;
                hi += 1L << drop;
            }
        }
        se = hi < 0 ? sign | 1 : sign;
        sig = hi;
    }

    private void overflow(int sign, int exp, long kept, int inexact, int drop) {
        if ((control & OE) == 0) {
            flags |= OE;
            wrap(sign, exp - WRAP, kept, inexact);
            return;
        }
        flags |= OE | PE;
        int mode = rounding();
        if (mode == NEAREST || mode == (sign == 0 ? UP : DOWN)) {
            flags |= C1;
            set(sign | MAX, INTEGER);
        } else {
            set(sign | MAX - 1, -1L << drop);
        }
    }

    /** The result for a handler of OE or UE. FSCALE alone can leave even the adjusted range. */
    private void wrap(int sign, int exp, long kept, int inexact) {
        if (exp <= 0) {
            flags |= PE;
            set(sign, 0);
        } else if (exp >= MAX) {
            flags |= PE | C1;
            set(sign | MAX, INTEGER);
        } else {
            flags |= inexact;
            set(sign | exp, kept);
        }
    }
}
