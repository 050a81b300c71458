package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;

/** Multiplication and division. The flags that the manual leaves undefined are those of the result, as on processors. */
final class MultiplyOps {
    private MultiplyOps() { }

    static void register(Map<String, Family> families) {
        families.put("mul", (i, page, flat) -> new Mul(i, flat, false));
        families.put("imul1", (i, page, flat) -> new Mul(i, flat, true));
        families.put("imul2", (i, page, flat) -> new Imul(i, flat, false));
        families.put("imul3", (i, page, flat) -> new Imul(i, flat, true));
        families.put("div", (i, page, flat) -> new Div(i, flat));
        families.put("idiv", (i, page, flat) -> new Idiv(i, flat));
    }

    private static void flags(Machine m, int low, boolean overflow) {
        m.result = low;
        m.carries = Registers.carries(overflow, overflow);
    }

    private static final class Mul extends RmOp {
        private final boolean signed;

        Mul(Insn i, boolean flat, boolean signed) {
            super(i, flat, true, i.size);
            this.signed = signed;
        }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            int shift = 32 - bits;
            if (signed) {
                long product = (long) ((int) v << shift >> shift) * (m.get(EAX, bits) << shift >> shift);
                int low = (int) product << shift >> shift;
                put(m, product);
                flags(m, low, product != low);
            } else {
                long product = v * (m.get(EAX, bits) & 0xFFFFFFFFL);
                put(m, product);
                flags(m, (int) product << shift >> shift, product >>> bits != 0);
            }
            return next;
        }

        private void put(Machine m, long product) {
            if (bits == 8) {
                m.set16(EAX, (int) product);
            } else {
                m.set(EAX, (int) product, bits);
                m.set(EDX, (int) (product >> bits), bits);
            }
        }
    }

    private static final class Imul extends RmOp {
        private final boolean immediate;

        Imul(Insn i, boolean flat, boolean immediate) {
            super(i, flat, false, i.size);
            this.immediate = immediate;
        }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            int shift = 32 - bits;
            int other = immediate ? imm : m.gpr[dst];
            long product = (long) ((int) v << shift >> shift) * (other << shift >> shift);
            int low = (int) product << shift >> shift;
            m.set(dst, low, bits);
            flags(m, low, product != low);
            return next;
        }
    }

    private static final class Div extends RmOp {
        Div(Insn i, boolean flat) { super(i, flat, true, i.size); }

        @Override Op exec(Machine m) {
            long divisor = read(m);
            if (divisor < 0) return m.fault(this);
            long dividend = bits == 8 ? m.get16(EAX) : (m.get(EDX, bits) & 0xFFFFFFFFL) << bits | m.get(EAX, bits) & 0xFFFFFFFFL;
            if (divisor == 0) return m.fault(this, 0, 0);
            long q = dividend >= 0 ? dividend / divisor : Long.divideUnsigned(dividend, divisor);
            if (q >>> bits != 0) return m.fault(this, 0, 0);
            quotient(m, (int) q, (int) (dividend - q * divisor), bits);
            return next;
        }
    }

    private static final class Idiv extends RmOp {
        Idiv(Insn i, boolean flat) { super(i, flat, true, i.size); }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            int shift = 32 - bits;
            long divisor = (int) v << shift >> shift;
            long dividend = switch (bits) {
                case 8 -> (short) m.gpr[EAX];
                case 16 -> m.gpr[EDX] << 16 | m.get16(EAX);
                default -> (long) m.gpr[EDX] << 32 | m.gpr[EAX] & 0xFFFFFFFFL;
            };
            if (divisor == 0 || dividend == Long.MIN_VALUE && divisor == -1) return m.fault(this, 0, 0);
            long q = dividend / divisor;
            if (q != (int) q << shift >> shift) return m.fault(this, 0, 0);
            quotient(m, (int) q, (int) (dividend - q * divisor), bits);
            return next;
        }
    }

    private static void quotient(Machine m, int q, int r, int bits) {
        if (bits == 8) {
            m.set16(EAX, q & 0xFF | r << 8);
        } else {
            m.set(EAX, q, bits);
            m.set(EDX, r, bits);
        }
    }
}
