package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import java.util.function.Consumer;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;

/** Instructions about flags. A guest has IOPL 0 and real interrupts always on: POPF leaves both alone. */
final class FlagOps {
    private FlagOps() { }

    static void register(Map<String, Family> families) {
        families.put("cmc", (i, page, flat) -> new Change(m -> m.setCarry(!m.cf())));
        families.put("clc", (i, page, flat) -> new Change(m -> m.setCarry(false)));
        families.put("stc", (i, page, flat) -> new Change(m -> m.setCarry(true)));
        families.put("cld", (i, page, flat) -> new Change(m -> m.cpu.eflags &= ~DF));
        families.put("std", (i, page, flat) -> new Change(m -> m.cpu.eflags |= DF));
        families.put("salc", (i, page, flat) -> new Change(m -> m.set8(EAX, m.cf() ? 0xFF : 0)));
        families.put("lahf", (i, page, flat) -> new Change(m -> m.set8(4, m.arithmeticFlags() & 0xFF | 2)));
        families.put("sahf", (i, page, flat) -> new Change(m -> m.arithmeticFlags(m.get8(4) & ~OF & ARITHMETIC | (m.of() ? OF : 0))));
        families.put("pushf", (i, page, flat) -> new Pushf(i));
        families.put("popf", (i, page, flat) -> new Popf(i));
    }

    private static final class Change extends Op {
        private final Consumer<Machine> change;

        Change(Consumer<Machine> change) { this.change = change; }

        @Override Op exec(Machine m) {
            change.accept(m);
            return next;
        }
    }

    private static final class Pushf extends Op {
        private final int bytes;

        Pushf(Insn i) { bytes = i.operandSize >>> 3; }

        @Override Op exec(Machine m) { return m.push(m.eflags() & ~(RF | VM), bytes) ? next : m.leave(this); }
    }

    private static final class Popf extends Op {
        private final int bytes;

        Popf(Insn i) { bytes = i.operandSize >>> 3; }

        @Override Op exec(Machine m) {
            long v = m.pop(bytes);
            if (v < 0) return m.fault(this);
            FarOps.setFlags(m, (int) v, bytes == 4 ? FarOps.CHANGEABLE : FarOps.CHANGEABLE & 0xFFFF);
            m.cpu.eflags &= ~RF;
            return (m.cpu.eflags & TF) != 0 ? m.done(this) : next;
        }
    }
}
