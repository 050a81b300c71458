package org.lguest.cpu.proof;

import static org.lguest.api.state.CpuState.*;

import org.lguest.api.state.SegmentState;

/**
 * State that makes an instruction do something worth looking at: a return address on the stack, a divisor that does not
 * always overflow, a short repetition. Two visits: {@link #before} the operands are encoded and {@link #after}, when the
 * address of the memory operand is known.
 */
final class Roles {
    private final Draft d;
    private final Addressing addressing;

    Roles(Draft d, Addressing addressing) {
        this.d = d;
        this.addressing = addressing;
    }

    void before() {
        if (VectorRoles.vector(d.row)) vector();
        switch (d.row.family()) {
            case "movs", "stos", "lods", "cmps", "scas", "io" -> string();
            case "div", "idiv" -> dividend();
            case "shift", "shld", "shrd" -> { if (d.row.operands().getLast().equals("CL")) d.set(ECX, count(d, d.once(3) ? Values.edge(d.random) : d.random.nextInt(40)), 8); }
            case "xlat" -> addressing.point(EBX, d.overridden >= 0 ? d.overridden : SegmentState.DS, addressing.target() - (d.gpr[EAX] & 0xFF));
            case "fpu", "fwait" -> { if (d.fpu == null) d.fpu = FpuRoles.state(d.random); }
            case "enter", "leave" -> d.set(EBP, frame() - World.base(d.selectors[SegmentState.SS]));
            case "loop" -> d.set(ECX, d.once(4) ? Values.edge(d.random) & 0xFFFF : d.random.nextInt(4), d.addressSize);
            default -> { }
        }
    }

    private void vector() {
        if (d.fpu == null) d.fpu = VectorRoles.state(d.row, d.random);
        if (d.row.family().equals("maskmov")) addressing.point(EDI, d.overridden >= 0 ? d.overridden : SegmentState.DS, addressing.target());
    }

    /** A shift count: any, except that nobody defines what double shifts of 16 bits do beyond 16. */
    static int count(Draft d, int any) {
        return d.row.family().matches("sh[lr]d") && d.operandSize == 16 && (any & 31) > 16 ? any & ~0x1F | any & 0xF : any;
    }

    private int frame() { return d.once(10) ? addressing.target() : World.STACK.address() + 0x80 + d.random.nextInt(World.STACK.bytes() - 0x90); }

    private void string() {
        int source = d.overridden >= 0 ? d.overridden : SegmentState.DS;
        int from = addressing.target();
        addressing.point(ESI, source, from);
        addressing.point(EDI, SegmentState.ES, d.once(4) ? from + d.random.nextInt(-8, 9) : addressing.target());
        d.set(ECX, d.once(12) ? Values.edge(d.random) & (d.once(20) ? -1 : 0x1FFF) : d.random.nextInt(20), d.addressSize);
        if (d.once(2)) d.set(EAX, d.pick(0, -1, 0x41414141, 0x12341234));
    }

    private void dividend() {
        if (d.once(4)) return;
        int bits = size();
        int high = d.once(2) ? d.random.nextInt(-3, 4) : Values.edge(d.random) >> bits / 2;
        if (bits == 8) d.set(EAX, high << 8 | d.random.nextInt(256), 16);
        else d.set(EDX, high, bits);
    }

    /** Bits of the first operand. */
    private int size() { return d.row.operands().isEmpty() || !d.row.operands().getFirst().endsWith("b") ? d.operandSize : 8; }

    void after() {
        if (VectorRoles.vector(d.row)) {
            if (d.memory && !d.once(8)) d.patch(d.target, VectorRoles.operand(d));
            return;
        }
        switch (d.row.family()) {
            case "mov", "arpl", "lar", "lsl", "verr", "verw" -> { if (!d.row.variant().equals("es")) operand(d.selector(), 2); }
            case "lfar" -> pointer(Values.edge(d.random), d.selector());
            case "far" -> far();
            case "iret" -> stack(d.codeTarget(), d.codeSelector(), flags());
            case "ret" -> stack(d.once(8) ? Values.edge(d.random) : d.nearTarget());
            case "call", "jmp" -> { if (d.row.variant().equals("e")) operand(d.nearTarget(), d.operandSize >>> 3); }
            case "pop" -> { if (d.row.variant().equals("s")) stack(d.selector() | (d.once(2) ? 0 : Values.edge(d.random) << 16)); }
            case "popf" -> stack(flags());
            case "cmpxchg" -> { if (d.once(2)) operand(d.gpr[EAX], size() >>> 3); }
            case "cmpxchg8b" -> exchange8();
            case "bound" -> bounds();
            case "fpu" -> {
                if (!d.memory) FpuRoles.arguments(d);
                else if (!d.once(8)) d.patch(d.target, FpuRoles.operand(d));
            }
            case "bt" -> { if (d.memory && d.row.operands().getLast().equals("Gv") && !d.once(8)) bitString(); }
            default -> { if (d.memory && d.once(3)) d.patch(d.target, Values.edge(d.random), size() >>> 3); }
        }
    }

    /** EFLAGS to be popped: only now and then with TF or AC. */
    private int flags() {
        int f = d.random.nextInt() & ~NT;
        return d.once(6) ? f : f & ~(TF | AC);
    }

    /** Gives the ModRM operand a value. */
    private void operand(int value, int bytes) {
        if (d.memory) d.patch(d.target, value, bytes);
        else if (bytes > 1) d.set(d.rm, d.rm == ESP ? d.gpr[ESP] : value, d.rm == ESP ? 32 : bytes * 8);
    }

    private void pointer(int offset, int selector) {
        d.patch(d.target, offset, d.operandSize >>> 3);
        d.patch(d.target + (d.operandSize >>> 3), selector, 2);
    }

    private void far() {
        if (d.row.variant().equals("ret")) stack(d.codeTarget(), d.codeSelector());
        else if (d.memory) pointer(d.codeTarget(), d.codeSelector());
    }

    /** Puts words of the operand size on the stack. */
    private void stack(int... values) {
        int bytes = d.operandSize >>> 3;
        for (int n = 0; n < values.length; n++) d.patch(d.stackTop() + n * bytes, values[n], bytes);
    }

    private void exchange8() {
        if (d.once(3)) return;
        d.patch(d.target, d.gpr[EAX], 4);
        if (!d.once(4)) d.patch(d.target + 4, d.gpr[EDX], 4);
    }

    private void bounds() {
        int bytes = d.operandSize >>> 3;
        int index = d.gpr[d.reg];
        d.patch(d.target, index - d.random.nextInt(-2, 5), bytes);
        d.patch(d.target + bytes, index + d.random.nextInt(-2, 5), bytes);
    }

    /** A bit index that reaches some way from the operand. */
    private void bitString() {
        if ((d.reserved >>> d.reg & 1) == 0) d.set(d.reg, d.random.nextInt(-0x10000, 0x10000) >> d.random.nextInt(16), d.operandSize);
    }
}
