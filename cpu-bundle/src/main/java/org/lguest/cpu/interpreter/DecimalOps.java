package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import java.util.function.Consumer;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;

/** Decimal adjustment: DAA, DAS, AAA, AAS, AAM, AAD (Intel SDM volume 2). */
final class DecimalOps {
    private DecimalOps() { }

    static void register(Map<String, Family> families) {
        families.put("daa", (i, page, flat) -> new Adjust(DecimalOps::daa));
        families.put("das", (i, page, flat) -> new Adjust(DecimalOps::das));
        families.put("aaa", (i, page, flat) -> new Adjust(m -> ascii(m, 1)));
        families.put("aas", (i, page, flat) -> new Adjust(m -> ascii(m, -1)));
        families.put("aam", (i, page, flat) -> new Aam(i));
        families.put("aad", (i, page, flat) -> new Aad(i));
    }

    private static final class Adjust extends Op {
        private final Consumer<Machine> action;

        Adjust(Consumer<Machine> action) { this.action = action; }

        @Override Op exec(Machine m) {
            action.accept(m);
            return next;
        }
    }

    private static void daa(Machine m) {
        int al = m.get8(EAX);
        boolean cf = m.cf() || al > 0x99;
        boolean af = m.af() || (al & 0xF) > 9;
        finish(m, al + (af ? 6 : 0) + (cf ? 0x60 : 0), cf, af);
    }

    private static void das(Machine m) {
        int al = m.get8(EAX);
        boolean high = m.cf() || al > 0x99;
        boolean af = m.af() || (al & 0xF) > 9;
        boolean cf = high || af && al < 6 || m.cf();
        finish(m, al - (af ? 6 : 0) - (high ? 0x60 : 0), cf, af);
    }

    private static void finish(Machine m, int al, boolean cf, boolean af) {
        m.set8(EAX, al);
        m.result = (byte) al;
        m.carries = Registers.carries(cf, false) | (af ? 8 : 0);
    }

    private static void ascii(Machine m, int direction) {
        boolean adjust = m.af() || (m.get8(EAX) & 0xF) > 9;
        if (adjust) m.set16(EAX, m.get16(EAX) + direction * 0x106);
        int f = m.arithmeticFlags() & ~(CF | AF);
        m.set8(EAX, m.get8(EAX) & 0xF);
        m.arithmeticFlags(adjust ? f | CF | AF : f);
    }

    private static final class Aam extends Op {
        Aam(Insn i) { super(i); }

        @Override Op exec(Machine m) {
            int base = imm & 0xFF;
            if (base == 0) return m.fault(this, 0, 0);
            int al = m.get8(EAX);
            m.set16(EAX, al / base << 8 | al % base);
            m.result = (byte) (al % base);
            m.carries = 0;
            return next;
        }
    }

    private static final class Aad extends Op {
        Aad(Insn i) { super(i); }

        @Override Op exec(Machine m) {
            int al = m.get8(EAX) + m.get8(4) * (imm & 0xFF) & 0xFF;
            m.set16(EAX, al);
            m.result = (byte) al;
            m.carries = 0;
            return next;
        }
    }
}
