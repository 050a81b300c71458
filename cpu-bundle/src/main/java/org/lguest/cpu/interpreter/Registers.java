package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import org.lguest.api.state.CpuState;

/**
 * M:120 Registers while the interpreter runs, and flags that are computed when somebody asks.
 *
 * <p>Nearly every instruction sets six flags, and nearly no flag is ever read. So an arithmetic operation leaves two
 * words behind, and a condition is worked out from them:
 * <ul>
 * <li>{@code result}: the result sign-extended to 64 bits. ZF: its low half is zero; SF: it is negative; PF: parity of
 *     the low byte. A combination that no result has (ZF and SF, say, after POPF) is made by a high half that is not
 *     the sign extension: PF is the parity of low byte and byte 4 together, which is no change for a sign extension.
 * <li>{@code carries}: the carry (or borrow) out of every bit position, moved up so that the operand's top bit is bit 31.
 *     CF: bit 31; OF: bit 31 differs from bit 30; AF: bit 3, kept in place for narrow operands.
 * </ul>
 */
public class Registers {
    final CpuState cpu;
    /** The general registers, and zero: {@link CpuState#gpr}. */
    final int[] gpr;
    /** See the class comment. */
    long result;
    /** See the class comment. */
    int carries;

    Registers(CpuState cpu) {
        this.cpu = cpu;
        gpr = cpu.gpr;
    }

    final int get8(int r) { return gpr[r & 3] >>> ((r & 4) << 1) & 0xFF; }

    final void set8(int r, int v) {
        int shift = (r & 4) << 1;
        gpr[r & 3] = gpr[r & 3] & ~(0xFF << shift) | (v & 0xFF) << shift;
    }

    final int get16(int r) { return gpr[r] & 0xFFFF; }

    final void set16(int r, int v) { gpr[r] = gpr[r] & 0xFFFF0000 | v & 0xFFFF; }

    /** A register of 8, 16 or 32 bits, zero-extended. */
    final int get(int r, int size) { return size == 32 ? gpr[r] : size == 16 ? get16(r) : get8(r); }

    /** Writes a register of 8, 16 or 32 bits. */
    final void set(int r, int v, int size) {
        if (size == 32) gpr[r] = v;
        else if (size == 16) set16(r, v);
        else set8(r, v);
    }

    final boolean cf() { return carries < 0; }

    final boolean of() { return (carries ^ carries << 1) < 0; }

    final boolean af() { return (carries & 8) != 0; }

    final boolean zf() { return (int) result == 0; }

    final boolean sf() { return result < 0; }

    final boolean pf() { return even(result); }

    /** A condition by its number in the opcode, 0 to 15; constant at every call in generated code. */
    final boolean condition(int cc) { return condition(cc, result, carries); }

    /** The same of flags that are elsewhere. */
    public static boolean condition(int cc, long result, int carries) {
        boolean yes = switch (cc >>> 1) {
            case 0 -> (carries ^ carries << 1) < 0;
            case 1 -> carries < 0;
            case 2 -> (int) result == 0;
            case 3 -> carries < 0 || (int) result == 0;
            case 4 -> result < 0;
            case 5 -> even(result);
            case 6 -> result < 0 != (carries ^ carries << 1) < 0;
            default -> (int) result == 0 || result < 0 != (carries ^ carries << 1) < 0;
        };
        return yes == ((cc & 1) == 0);
    }

    private static boolean even(long result) { return (Integer.bitCount(((int) result ^ (int) (result >>> 32)) & 0xFF) & 1) == 0; }

    /** Word for {@link #carries} with these CF and OF, AF clear. */
    public static int carries(boolean cf, boolean of) { return (cf ? 0x80000000 : 0) | (cf != of ? 0x40000000 : 0); }

    /** The six arithmetic flags as in EFLAGS. */
    final int arithmeticFlags() {
        return (cf() ? CF : 0) | (pf() ? PF : 0) | (af() ? AF : 0) | (zf() ? ZF : 0) | (sf() ? SF : 0) | (of() ? OF : 0);
    }

    /** Sets the six arithmetic flags from EFLAGS bits. */
    final void arithmeticFlags(int f) {
        int high = ((f & SF) != 0 ? 0x80000000 : 0) | ((f & PF) != 0 ? 0 : 1);
        int low = (f & ZF) != 0 ? 0 : 0x100;
        result = (long) high << 32 | low;
        carries = carries((f & CF) != 0, (f & OF) != 0) | ((f & AF) != 0 ? 8 : 0);
    }

    /** Changes CF only. */
    final void setCarry(boolean cf) { carries = carries(cf, of()) | carries & 8; }

    /** EFLAGS as PUSHF sees them. */
    final int eflags() { return cpu.eflags & ~ARITHMETIC | arithmeticFlags() | 2; }
}
