package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.EDI;

import java.util.Map;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;
import org.lguest.cpu.simd.Lanes;

/** Whole numbers in MMX and XMM registers. What is computed is in {@link Lanes}, by mnemonic; here is where it goes. */
final class LaneOps {
    private LaneOps() { }

    static void register(Map<String, Family> families) {
        families.put("lane", (i, page, flat) -> i.dstKind == Kind.MMX ? new MmxLane(i, flat) : new XmmLane(i, flat));
        families.put("unpack", (i, page, flat) -> i.dstKind == Kind.MMX ? new MmxUnpack(i, flat) : new XmmUnpack(i, flat));
        families.put("pack", (i, page, flat) -> new Pack(i, flat));
        families.put("vshift", (i, page, flat) -> new Shift(i, flat));
        families.put("bytes", (i, page, flat) -> new ShiftBytes(i, flat));
        families.put("shuffle", (i, page, flat) -> new Shuffle(i, flat));
        families.put("pinsrw", (i, page, flat) -> new InsertWord(i, flat));
        families.put("pextrw", (i, page, flat) -> new ExtractWord(i, flat));
        families.put("signs", (i, page, flat) -> new Signs(i, flat));
        families.put("maskmov", (i, page, flat) -> new MaskMove(i, flat));
    }

    private static final class MmxLane extends VectorOp {
        private final Lanes.Binary f;

        MmxLane(Insn i, boolean flat) {
            super(i, flat);
            f = Lanes.binary(i.row.mnemonic());
        }

        @Override Op work(Machine m) {
            if (!sourceMm(m)) return m.fault(this);
            mm(m, reg, f.of(mm(m, reg), m.low));
            return next;
        }
    }

    private static final class XmmLane extends VectorOp {
        private final Lanes.Binary f;

        XmmLane(Insn i, boolean flat) {
            super(i, flat);
            f = Lanes.binary(i.row.mnemonic());
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            long[] low = m.cpu.xmm.low;
            long[] high = m.cpu.xmm.high;
            low[reg] = f.of(low[reg], m.low);
            high[reg] = f.of(high[reg], m.high);
            return next;
        }
    }

    /** The interleaving of a mnemonic that ends in the width: BW, WD, DQ, QDQ, PS, PD. */
    private static Lanes.Interleave interleave(String mnemonic) {
        if (mnemonic.endsWith("BW")) return Lanes::interleave8;
        return mnemonic.endsWith("WD") ? Lanes::interleave16 : Lanes::dwords;
    }

    /** PUNPCKL takes the low halves of its operands, PUNPCKH the high ones. */
    private static boolean takesHigh(String mnemonic) { return mnemonic.contains("PCKH"); }

    private static final class MmxUnpack extends VectorOp {
        private final Lanes.Interleave f;
        private final int shift;

        MmxUnpack(Insn i, boolean flat) {
            super(i, flat);
            f = interleave(i.row.mnemonic());
            shift = takesHigh(i.row.mnemonic()) ? 32 : 0;
        }

        @Override Op work(Machine m) {
            if (!sourceMm(m)) return m.fault(this);
            mm(m, reg, f.of((int) (mm(m, reg) >>> shift), (int) (m.low >>> shift)));
            return next;
        }
    }

    private static final class XmmUnpack extends VectorOp {
        private final Lanes.Interleave f;
        private final boolean takesHigh, halves;

        XmmUnpack(Insn i, boolean flat) {
            super(i, flat);
            String name = i.row.mnemonic();
            f = interleave(name);
            takesHigh = takesHigh(name);
            halves = name.endsWith("QDQ") || name.endsWith("PD");
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            long[] low = m.cpu.xmm.low;
            long[] high = m.cpu.xmm.high;
            long a = takesHigh ? high[reg] : low[reg];
            long b = takesHigh ? m.high : m.low;
            low[reg] = halves ? a : f.of((int) a, (int) b);
            high[reg] = halves ? b : f.of((int) (a >>> 32), (int) (b >>> 32));
            return next;
        }
    }

    private static final class Pack extends VectorOp {
        private final Lanes.Pack f;

        Pack(Insn i, boolean flat) {
            super(i, flat);
            f = Lanes.pack(i.row.mnemonic());
        }

        @Override Op work(Machine m) {
            if (mmx) {
                if (!sourceMm(m)) return m.fault(this);
                mm(m, reg, Lanes.dwords(f.of(mm(m, reg)), f.of(m.low)));
                return next;
            }
            if (!source(m)) return m.fault(this);
            long[] low = m.cpu.xmm.low;
            long[] high = m.cpu.xmm.high;
            low[reg] = Lanes.dwords(f.of(low[reg]), f.of(high[reg]));
            high[reg] = Lanes.dwords(f.of(m.low), f.of(m.high));
            return next;
        }
    }

    /** A shift of all lanes, by an immediate or by the low 64 bits of the source. */
    private static final class Shift extends VectorOp {
        private final Lanes.Shift f;
        private final boolean immediate;

        Shift(Insn i, boolean flat) {
            super(i, flat);
            f = Lanes.shift(i.row.mnemonic());
            immediate = i.srcKind == Kind.IMMEDIATE;
        }

        @Override Op work(Machine m) {
            int target = immediate ? rm : reg;
            if (immediate) m.low = imm & 0xFF;
            if (immediate && mmx) m.x87.enterMmx();
            if (!immediate && !(mmx ? sourceMm(m) : source(m))) return m.fault(this);
            int count = Long.compareUnsigned(m.low, 64) < 0 ? (int) m.low : 64;
            if (mmx) {
                mm(m, target, f.of(mm(m, target), count));
                return next;
            }
            m.cpu.xmm.low[target] = f.of(m.cpu.xmm.low[target], count);
            m.cpu.xmm.high[target] = f.of(m.cpu.xmm.high[target], count);
            return next;
        }
    }

    /** PSLLDQ and PSRLDQ: the whole register, by bytes. */
    private static final class ShiftBytes extends VectorOp {
        private final boolean left;
        private final int bits;

        ShiftBytes(Insn i, boolean flat) {
            super(i, flat);
            left = i.row.mnemonic().equals("PSLLDQ");
            bits = Math.min(i.imm & 0xFF, 16) * 8;
        }

        @Override Op work(Machine m) {
            long[] near = left ? m.cpu.xmm.low : m.cpu.xmm.high; // the half that is shifted into the other one
            long[] far = left ? m.cpu.xmm.high : m.cpu.xmm.low;
            if (bits == 0) return next;
            if (bits >= 64) {
                far[rm] = bits == 128 ? 0 : move(near[rm], bits - 64);
                near[rm] = 0;
            } else {
                far[rm] = move(far[rm], bits) | (left ? near[rm] >>> 64 - bits : near[rm] << 64 - bits);
                near[rm] = move(near[rm], bits);
            }
            return next;
        }

        private long move(long v, int count) { return left ? v << count : v >>> count; }
    }

    private static final class Shuffle extends VectorOp {
        private final String name;

        Shuffle(Insn i, boolean flat) {
            super(i, flat);
            name = i.row.mnemonic();
        }

        @Override Op work(Machine m) {
            if (mmx) {
                if (!sourceMm(m)) return m.fault(this);
                mm(m, reg, Lanes.shuffleWords(m.low, imm));
                return next;
            }
            if (!source(m)) return m.fault(this);
            long low = m.cpu.xmm.low[reg];
            long high = m.cpu.xmm.high[reg];
            switch (name) {
                case "PSHUFLW" -> put(m, Lanes.shuffleWords(m.low, imm), m.high);
                case "PSHUFHW" -> put(m, m.low, Lanes.shuffleWords(m.high, imm));
                case "PSHUFD" -> put(m, pair(m.low, m.high, imm), pair(m.low, m.high, imm >>> 4));
                case "SHUFPS" -> put(m, pair(low, high, imm), pair(m.low, m.high, imm >>> 4));
                default -> put(m, (imm & 1) == 0 ? low : high, (imm & 2) == 0 ? m.low : m.high); // SHUFPD
            }
            return next;
        }

        private void put(Machine m, long low, long high) {
            m.cpu.xmm.low[reg] = low;
            m.cpu.xmm.high[reg] = high;
        }

        /** Two of four lanes of 32 bits, chosen by two bits each. */
        private static long pair(long low, long high, int order) {
            return Lanes.dwords(lane(low, high, order & 3), lane(low, high, order >>> 2 & 3));
        }

        private static int lane(long low, long high, int n) { return (int) ((n < 2 ? low : high) >>> 32 * (n & 1)); }
    }

    /** PINSRW: a word of a general register or memory into a lane. */
    private static final class InsertWord extends VectorOp {
        InsertWord(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            long word = memory ? loadSmall(m) : m.gpr[rm] & 0xFFFF;
            if (word < 0) return m.fault(this);
            int shift = (imm & 3) * 16;
            if (mmx) {
                m.x87.enterMmx();
                mm(m, reg, into(mm(m, reg), word, shift));
            } else {
                long[] half = (imm & 4) == 0 ? m.cpu.xmm.low : m.cpu.xmm.high;
                half[reg] = into(half[reg], word, shift);
            }
            return next;
        }

        private static long into(long v, long word, int shift) { return v & ~(0xFFFFL << shift) | word << shift; }
    }

    private static final class ExtractWord extends VectorOp {
        ExtractWord(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            if (mmx) m.x87.enterMmx();
            long v = mmx ? mm(m, rm) : (imm & 4) == 0 ? m.cpu.xmm.low[rm] : m.cpu.xmm.high[rm];
            m.gpr[reg] = (int) (v >>> (imm & 3) * 16) & 0xFFFF;
            return next;
        }
    }

    /** PMOVMSKB, MOVMSKPS, MOVMSKPD: the top bits of all lanes. */
    private static final class Signs extends VectorOp {
        private final int width;

        Signs(Insn i, boolean flat) {
            super(i, flat);
            width = Handlers.variant(i);
        }

        @Override Op work(Machine m) {
            if (mmx) {
                m.x87.enterMmx();
                m.gpr[reg] = Lanes.signs8(mm(m, rm));
                return next;
            }
            long low = m.cpu.xmm.low[rm];
            long high = m.cpu.xmm.high[rm];
            m.gpr[reg] = switch (width) {
                case 8 -> Lanes.signs8(low) | Lanes.signs8(high) << 8;
                case 32 -> two(low) | two(high) << 2;
                default -> (int) (low >>> 63 | high >>> 63 << 1);
            };
            return next;
        }

        private static int two(long v) { return (int) (v >>> 31 & 1 | v >>> 63 << 1); }
    }

    /** MASKMOVQ and MASKMOVDQU: the bytes whose mask has its top bit set go to memory at EDI. */
    private static final class MaskMove extends VectorOp {
        private final int into;

        MaskMove(Insn i, boolean flat) {
            super(i, flat);
            into = i.overridden < 0 ? SegmentState.DS : i.overridden;
        }

        @Override Op work(Machine m) {
            int mask = mmx ? Lanes.signs8(mm(m, rm)) : Lanes.signs8(m.cpu.xmm.low[rm]) | Lanes.signs8(m.cpu.xmm.high[rm]) << 8;
            int at = address16 ? m.gpr[EDI] & 0xFFFF : m.gpr[EDI];
            if (mmx) m.x87.enterMmx();
            long first = m.linear(into, at, mmx ? 8 : 16, true);
            if (first < 0 || m.misaligned((int) first, 8) || !m.writable((int) first, mmx ? 8 : 16)) return m.fault(this);
            boolean ok = true;
            for (int n = 0; n < (mmx ? 8 : 16); n++) {
                if ((mask >>> n & 1) == 0) continue;
                long half = mmx ? mm(m, reg) : n < 8 ? m.cpu.xmm.low[reg] : m.cpu.xmm.high[reg];
                ok &= m.segmentStore(into, at + n, (int) (half >>> (n & 7) * 8) & 0xFF, 1);
                if (m.trapped()) return m.fault(this);
            }
            return stored(m, ok);
        }
    }
}
