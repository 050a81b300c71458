package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

import org.lguest.api.state.CpuState;
import org.lguest.api.state.FpuState;

/**
 * M:155 The floating point unit, as it was when it was a chip of its own: eight registers, arranged as a stack, of 80 bits each. Java has no numbers of
 * 80 bits, so here are integers that add, multiply and round as the unit does, sines and logarithms included.
 *
 * <p>The unit has all instructions D8 to DF, FWAIT, and the x87 part of FXSAVE and FXRSTOR (Intel SDM volume 1, chapter 8). It keeps nothing of its
 * own from one instruction to the next; all state is in the {@link FpuState} it was made for.
 *
 * <p>The engine decodes, checks CR0.EM and CR0.TS (#NM) first, and calls {@link #register} or {@link #memory} on the vCPU thread. An instruction
 * that the unit refuses or that faults in memory has changed nothing. Masked exceptions are answered with the default results; an
 * unmasked one is left pending in the status word (ES), and the next waiting instruction returns {@link #MATH_FAULT} instead of
 * happening, as with CR0.NE set.
 *
 * <p>Where the SDM leaves a result open, the choice is that of the processors it describes, not that of others.
 */
public final class X87 {
    /** The instruction is done. */
    public static final int DONE = 0;
    /** Raise #UD: there is no such instruction. */
    public static final int UNDEFINED = 6;
    /** Raise #MF: an unmasked exception of an earlier instruction is pending. */
    public static final int MATH_FAULT = 16;
    /** The memory operand faulted ({@link FpuMemory#faulted}): raise what it found. */
    public static final int FAULTED = -1;

    /** What FCOMI, FCOMIP, FUCOMI, FUCOMIP left: ZF, PF, CF as in EFLAGS; OF, SF, AF are cleared by them. */
    public int flags;

    private final FpuState f;
    private final Stack s;
    private final SoftFloat sf = new SoftFloat();
    private final Conversion convert = new Conversion(sf);
    private final Arithmetic arithmetic;
    private final Compare compare;
    private final Transfer transfer;
    private final Functions functions;
    private final Transcendental transcendental;
    private final Environment environment;

    /** A unit that works on the given state. */
    public X87(FpuState state) {
        f = state;
        s = new Stack(state, sf);
        arithmetic = new Arithmetic(s);
        compare = new Compare(s);
        transfer = new Transfer(s, convert);
        functions = new Functions(s, convert);
        transcendental = new Transcendental(s);
        environment = new Environment(s);
    }

    /** Whether a register instruction reads the arithmetic flags: FCMOVcc. */
    public static boolean readsFlags(int esc, int modrm) {
        return (esc == 2 || esc == 3) && (modrm & 0x20) == 0;
    }

    /** Whether a register instruction leaves its result in {@link #flags}, to be copied to EFLAGS when it returns {@link #DONE}. */
    public static boolean writesFlags(int esc, int modrm) {
        int op = modrm >> 3 & 7;
        return (esc == 3 || esc == 7) && (op == 5 || op == 6);
    }

    /**
     * Where the instruction is, for FNSTENV and its like. To be called before {@link #register} or {@link #memory}; not for the control
     * instructions, which leave these fields alone. An engine may skip it when it is willing to have stale ones. While an exception is pending
     * nothing is recorded, as the next instruction will not happen and its handler asks for the one that raised it.
     *
     * @param opcode low three bits of the first byte, then the second byte: 11 bits
     */
    public void origin(int cs, int eip, int opcode, int ds, int offset) {
        if ((f.status & ES) != 0) return;
        f.lastCs = cs;
        f.lastIp = eip;
        f.lastOpcode = opcode;
        f.lastDs = ds;
        f.lastDp = offset;
    }

    /** FWAIT. */
    public int fwait() {
        return (f.status & ES) != 0 ? MATH_FAULT : DONE;
    }

    /** What every MMX instruction but EMMS does first: TOP becomes 0 and all tags valid. MM0 to MM7 are the significands of R0 to R7. */
    public int enterMmx() {
        if ((f.status & ES) != 0) return MATH_FAULT;
        s.setTop(0);
        f.tag = 0;
        return DONE;
    }

    /** EMMS. */
    public int emms() {
        if ((f.status & ES) != 0) return MATH_FAULT;
        s.setTop(0);
        f.tag = 0xFFFF;
        return DONE;
    }

    /**
     * The x87 part of FXSAVE: bytes 0 to 23 and 32 to 159 of the image. MXCSR, its mask (24 to 31), the XMM registers and the check for
     * alignment belong to the caller.
     *
     * @return {@link #DONE} or {@link #FAULTED}
     */
    public int fxsave(FpuMemory m) {
        return environment.fxsave(m) ? DONE : FAULTED;
    }

    /** The x87 part of FXRSTOR, likewise; the caller has checked MXCSR. */
    public int fxrstor(FpuMemory m) {
        return environment.fxrstor(m) ? DONE : FAULTED;
    }

    // ---- memory operands ----

    /**
     * An instruction with an operand in memory.
     *
     * @param esc low three bits of the opcode
     * @param reg bits 3 to 5 of the ModRM byte
     * @param operand32 operand size; only the formats of FNSTENV, FLDENV, FNSAVE, FRSTOR depend on it
     * @return {@link #DONE}, {@link #UNDEFINED}, {@link #MATH_FAULT} or {@link #FAULTED}
     */
    public int memory(int esc, int reg, FpuMemory m, boolean operand32) {
        if ((esc & 1) == 0) return (f.status & ES) != 0 ? MATH_FAULT : arithmetic(esc, reg, m);
        if ((f.status & ES) != 0) {
            boolean patient = (esc == 1 || esc == 5) && reg >= 6; // FNSTENV, FNSTCW, FNSAVE, FNSTSW
            if (!patient) return exists(esc, reg) ? MATH_FAULT : UNDEFINED;
        }
        return switch (esc) {
            case 1 -> memory1(reg, m, operand32);
            case 3 -> memory3(reg, m);
            case 5 -> memory5(reg, m, operand32);
            default -> memory7(reg, m);
        };
    }

    private static boolean exists(int esc, int reg) {
        return switch (esc << 3 | reg) {
            case 1 << 3 | 1, 3 << 3 | 4, 3 << 3 | 6, 5 << 3 | 5 -> false;
            default -> true;
        };
    }

    /** D8, DA, DC, DE: ST(0) and a float, a 32-bit integer, a double, a 16-bit integer. */
    private int arithmetic(int esc, int reg, FpuMemory m) {
        if (!fetch(esc, m)) return FAULTED;
        if (reg == 2) compare.loaded();
        else if (reg != 3) arithmetic.memory(reg);
        else if (compare.loaded()) s.pop();
        return DONE;
    }

    /** Loads an operand of the type that bits 1 and 2 of the opcode tell, and begins the operation. */
    private boolean fetch(int esc, FpuMemory m) {
        sf.begin(f.control);
        switch (esc >> 1) {
            case 0 -> convert.fromFloat((int) m.load32(0));
            case 1 -> convert.fromLong((int) m.load32(0));
            case 2 -> convert.fromDouble(m.load64(0));
            default -> convert.fromLong((short) m.load16(0));
        }
        return !m.faulted();
    }

    private int load(int esc, FpuMemory m) {
        if (!fetch(esc, m)) return FAULTED;
        convert.loaded();
        transfer.load();
        return DONE;
    }

    private int memory1(int reg, FpuMemory m, boolean operand32) {
        return switch (reg) {
            case 0 -> load(esc(0), m);
            case 2 -> result(transfer.storeReal(m, false, false));
            case 3 -> result(transfer.storeReal(m, false, true));
            case 4 -> result(environment.loadEnvironment(m, operand32));
            case 5 -> loadControl(m);
            case 6 -> result(environment.storeEnvironment(m, operand32));
            case 7 -> result(m.store16(0, f.control));
            default -> UNDEFINED;
        };
    }

    private int memory3(int reg, FpuMemory m) {
        return switch (reg) {
            case 0 -> load(esc(1), m);
            case 1 -> result(transfer.storeInteger(m, 32, true, true));
            case 2 -> result(transfer.storeInteger(m, 32, false, false));
            case 3 -> result(transfer.storeInteger(m, 32, false, true));
            case 5 -> loadExtended(m);
            case 7 -> result(transfer.storeExtended(m));
            default -> UNDEFINED;
        };
    }

    private int memory5(int reg, FpuMemory m, boolean operand32) {
        return switch (reg) {
            case 0 -> load(esc(2), m);
            case 1 -> result(transfer.storeInteger(m, 64, true, true));
            case 2 -> result(transfer.storeReal(m, true, false));
            case 3 -> result(transfer.storeReal(m, true, true));
            case 4 -> result(environment.restore(m, operand32));
            case 6 -> result(environment.save(m, operand32));
            case 7 -> result(m.store16(0, f.status));
            default -> UNDEFINED;
        };
    }

    private int memory7(int reg, FpuMemory m) {
        return switch (reg) {
            case 0 -> load(esc(3), m);
            case 1 -> result(transfer.storeInteger(m, 16, true, true));
            case 2 -> result(transfer.storeInteger(m, 16, false, false));
            case 3 -> result(transfer.storeInteger(m, 16, false, true));
            case 4 -> loadDecimal(m);
            case 5 -> loadLong(m);
            case 6 -> result(transfer.storeDecimal(m));
            default -> result(transfer.storeInteger(m, 64, false, true));
        };
    }

    /** The opcode whose {@link #arithmetic} operand has the given type. */
    private static int esc(int type) {
        return type << 1;
    }

    private static int result(boolean done) {
        return done ? DONE : FAULTED;
    }

    private int loadControl(FpuMemory m) {
        int word = m.load16(0);
        if (m.faulted()) return FAULTED;
        environment.control(word);
        s.summarize();
        return DONE;
    }

    private int loadExtended(FpuMemory m) {
        long sig = m.load64(0);
        int se = m.load16(8);
        if (m.faulted()) return FAULTED;
        transfer.push(se, sig);
        return DONE;
    }

    private int loadLong(FpuMemory m) {
        sf.begin(f.control);
        convert.fromLong(m.load64(0));
        if (m.faulted()) return FAULTED;
        transfer.load();
        return DONE;
    }

    private int loadDecimal(FpuMemory m) {
        sf.begin(f.control);
        long low = m.load64(0);
        int high = m.load16(8);
        if (m.faulted()) return FAULTED;
        convert.fromDecimal(low, high);
        transfer.load();
        return DONE;
    }

    // ---- register operands ----

    /**
     * An instruction without an operand in memory.
     *
     * @param esc low three bits of the opcode
     * @param modrm the whole ModRM byte, C0 to FF
     * @param cpu only FNSTSW AX writes to it
     * @param eflags the arithmetic flags, where {@link #readsFlags}; else anything
     * @return {@link #DONE}, {@link #UNDEFINED} or {@link #MATH_FAULT}
     */
    public int register(int esc, int modrm, CpuState cpu, int eflags) {
        int op = modrm >> 3 & 7, i = modrm & 7;
        if ((f.status & ES) != 0) {
            boolean patient = esc == 3 && modrm >= 0xE0 && modrm <= 0xE4 || esc == 7 && modrm == 0xE0; // FNCLEX, FNINIT and what is none, FNSTSW
            if (!patient) return exists(esc, op, i) ? MATH_FAULT : UNDEFINED;
        }
        return switch (esc) {
            case 0 -> basic(op, i, 0, false);
            case 1 -> register1(op, i);
            case 2 -> register2(op, i, eflags);
            case 3 -> register3(op, i, eflags);
            case 4 -> basic(op, i, i, false);
            case 5 -> register5(op, i);
            case 6 -> register6(op, i);
            default -> register7(op, i, cpu);
        };
    }

    private static boolean exists(int esc, int op, int i) {
        return switch (esc << 3 | op) {
            case 1 << 3 | 2 -> i == 0;
            case 1 << 3 | 4 -> i <= 1 || i == 4 || i == 5;
            case 1 << 3 | 5 -> i != 7;
            case 2 << 3 | 5 -> i == 1;
            case 2 << 3 | 4, 2 << 3 | 6, 2 << 3 | 7, 3 << 3 | 7, 5 << 3 | 6, 5 << 3 | 7, 7 << 3 | 7 -> false;
            case 3 << 3 | 4 -> i <= 4;
            case 6 << 3 | 3 -> i == 1;
            case 7 << 3 | 4 -> i == 0;
            default -> true;
        };
    }

    /** D8 and DC. */
    private int basic(int op, int i, int to, boolean pop) {
        if (op == 2) compare.registers(i, false);
        else if (op == 3) comparePop(i, false);
        else arithmetic.registers(op, i, to, pop);
        return DONE;
    }

    private void comparePop(int i, boolean quiet) {
        if (compare.registers(i, quiet)) s.pop();
    }

    private void comparePopTwice(boolean quiet) {
        if (!compare.registers(1, quiet)) return;
        s.pop();
        s.pop();
    }

    private int register1(int op, int i) {
        switch (op) {
            case 0 -> transfer.loadRegister(i);
            case 1 -> transfer.exchange(i);
            case 2 -> {
                return i == 0 ? DONE : UNDEFINED;
            }
            case 3 -> transfer.storeRegisterQuietly(i);
            case 4 -> {
                return unary(i);
            }
            case 5 -> {
                if (i == 7) return UNDEFINED;
                transfer.constant(i);
            }
            default -> {
                return function(op, i);
            }
        }
        return DONE;
    }

    private int unary(int i) {
        switch (i) {
            case 0 -> transfer.sign(0xFFFF, SIGN);
            case 1 -> transfer.sign(MAX, 0);
            case 4 -> compare.test();
            case 5 -> compare.examine();
            default -> {
                return UNDEFINED;
            }
        }
        return DONE;
    }

    private int function(int op, int i) {
        switch (op << 3 | i) {
            case 6 << 3 -> transcendental.powerOfTwo();
            case 6 << 3 | 1 -> transcendental.logarithm(false);
            case 6 << 3 | 2 -> transcendental.tangent();
            case 6 << 3 | 3 -> transcendental.arcTangent();
            case 6 << 3 | 4 -> functions.extract();
            case 6 << 3 | 5 -> functions.remainder(true);
            case 6 << 3 | 6 -> rotate(7);
            case 6 << 3 | 7 -> rotate(1);
            case 7 << 3 -> functions.remainder(false);
            case 7 << 3 | 1 -> transcendental.logarithm(true);
            case 7 << 3 | 2 -> arithmetic.sqrt();
            case 7 << 3 | 3 -> transcendental.sineAndCosine();
            case 7 << 3 | 4 -> functions.roundToInteger();
            case 7 << 3 | 5 -> functions.scale();
            case 7 << 3 | 6 -> transcendental.sine(false);
            default -> transcendental.sine(true);
        }
        return DONE;
    }

    private void rotate(int by) {
        s.setTop(s.at(by));
        f.status &= ~C1;
    }

    private int register2(int op, int i, int eflags) {
        if (op < 4) {
            transfer.conditional(i, condition(op, eflags));
        } else {
            if (op != 5 || i != 1) return UNDEFINED;
            comparePopTwice(true);
        }
        return DONE;
    }

    /** The conditions of FCMOV: B, E, BE, U. */
    private static boolean condition(int op, int eflags) {
        int mask = switch (op) {
            case 0 -> CpuState.CF;
            case 1 -> CpuState.ZF;
            case 2 -> CpuState.CF | CpuState.ZF;
            default -> CpuState.PF;
        };
        return (eflags & mask) != 0;
    }

    private int register3(int op, int i, int eflags) {
        switch (op) {
            case 4 -> {
                return control(i);
            }
            case 5 -> compareToFlags(i, true);
            case 6 -> compareToFlags(i, false);
            case 7 -> {
                return UNDEFINED;
            }
            default -> transfer.conditional(i, !condition(op, eflags));
        }
        return DONE;
    }

    private int control(int i) {
        switch (i) {
            case 0, 1, 4 -> { } // FENI, FDISI, FSETPM of older units: nothing to do
            case 2 -> f.status &= ~(EXCEPTIONS | SF | ES | BUSY);
            case 3 -> f.init();
            default -> {
                return UNDEFINED;
            }
        }
        return DONE;
    }

    /** FCOMI and FUCOMI: the condition codes stay as they are, the outcome goes to {@link #flags}. */
    private boolean compareToFlags(int i, boolean quiet) {
        int before = f.status & (C0 | C2 | C3);
        boolean done = compare.registers(i, quiet);
        int codes = f.status;
        flags = ((codes & C0) != 0 ? CpuState.CF : 0) | ((codes & C2) != 0 ? CpuState.PF : 0) | ((codes & C3) != 0 ? CpuState.ZF : 0);
        s.conditions(before);
        return done;
    }

    private int register5(int op, int i) {
        switch (op) {
            case 0 -> free(i);
            case 1 -> transfer.exchange(i);
            case 2 -> transfer.storeRegister(i, false);
            case 3 -> transfer.storeRegister(i, true);
            case 4 -> compare.registers(i, true);
            case 5 -> comparePop(i, true);
            default -> {
                return UNDEFINED;
            }
        }
        return DONE;
    }

    private void free(int i) {
        s.tagEmpty(s.at(i));
        f.status &= ~C1;
    }

    private int register6(int op, int i) {
        switch (op) {
            case 2 -> comparePop(i, false);
            case 3 -> {
                if (i != 1) return UNDEFINED;
                comparePopTwice(false);
            }
            default -> arithmetic.registers(op, i, i, true);
        }
        return DONE;
    }

    private int register7(int op, int i, CpuState cpu) {
        switch (op) {
            case 0 -> {
                free(i);
                s.pop();
            }
            case 1 -> transfer.exchange(i);
            case 2, 3 -> transfer.storeRegister(i, true);
            case 4 -> {
                if (i != 0) return UNDEFINED;
                cpu.gpr[CpuState.EAX] = cpu.gpr[CpuState.EAX] & 0xFFFF0000 | f.status;
            }
            case 5, 6 -> {
                if (compareToFlags(i, op == 5)) s.pop();
            }
            default -> {
                return UNDEFINED;
            }
        }
        return DONE;
    }
}
