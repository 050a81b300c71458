package org.lguest.cpu.proof;

import static org.lguest.api.state.CpuState.*;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.lguest.cpu.proof.Case.Patch;
import org.lguest.cpu.table.X86Table.Row;

/**
 * Cases of several instructions: flags that one leaves and another asks for, jumps over a few, short loops, and code that
 * changes the code behind it. Undefined flags never last: a comparison follows.
 */
final class Programs {
    private static final Set<String> SINGLE = Set.of("privileged", "control", "io", "ud", "int", "int3", "into", "iret", "far", "lfar", "popf", "ret", "jmp", "jcc", "loop", "call",
        "popa", "enter", "leave", "bound", "lar", "lsl", "verr", "verw", "arpl");
    private static final int LONGEST = 160, EXCEPTIONS = 0x3F, PENDING = 0x8080;
    /** FDECSTP, FINCSTP: clears C1, about which FCOMI says nothing certain. */
    private static final byte[] SAME_TOP = {(byte) 0xD9, (byte) 0xF6, (byte) 0xD9, (byte) 0xF7};

    private final Generator generator;
    private final SplittableRandom random;
    private final List<Row> rows, floating;
    private boolean masked;
    private final ByteArrayOutputStream code = new ByteArrayOutputStream();

    Programs(Generator generator, long seed) {
        this.generator = generator;
        random = new SplittableRandom(seed);
        rows = generator.rows().stream().filter(Programs::suits).toList();
        floating = generator.rows().stream().filter(r -> floating(r) && certain(r)).toList();
    }

    private static boolean suits(Row r) {
        boolean segment = r.operands().stream().anyMatch(o -> o.length() == 2 && (o.equals("Sw") || "ECSDFG".indexOf(o.charAt(0)) >= 0 && o.charAt(1) == 'S'));
        return !SINGLE.contains(r.family()) && !segment && !floating(r);
    }

    /** Instructions that want floating-point state. */
    private static boolean floating(Row r) { return r.family().matches("fpu|fwait") || VectorRoles.vector(r); }

    /** Estimates differ from make to make, and so does what FXSAVE leaves in fields that nobody reads. */
    private static boolean certain(Row r) { return !r.family().equals("fxsave") && !r.mnemonic().matches("R(SQRT|CP)[PS]S"); }

    /** A program. */
    Case next() { return next(random.nextBoolean()); }

    /** A program, with x87 instructions or without. */
    Case next(boolean floating) {
        for (;;) {
            code.reset();
            Draft state = new Draft(rows.getFirst(), random);
            state.eflags &= ~TF;
            state.gpr[ESP] = World.STACK.address() + 0x800 + random.nextInt(0x1000);
            state.eip = World.CODE.address() + (random.nextInt(4) == 0 ? 0x1000 - random.nextInt(LONGEST) : random.nextInt(World.CODE.bytes() - 2 * LONGEST));
            if (floating) unit(state);
            boolean loop = random.nextInt(4) == 0;
            int unknown = loop ? 1 << ECX : 0;
            state.reserved |= unknown;
            state.unknown = 1 << ESP;
            if (loop) state.gpr[ECX] = 1 + random.nextInt(6);
            int count = 2 + random.nextInt(9);
            for (int n = 0; n < count; n++) element(state, loop);
            if (loop) end(-code.size());
            if (code.size() <= LONGEST && Generator.harmless(code.toByteArray())) return finish(state);
        }
    }

    /** Lets x87 instructions take part: either with all exceptions masked for good, or any control word, now or later. */
    private void unit(Draft state) {
        Row row = floating.get(random.nextInt(floating.size()));
        state.fpu = VectorRoles.vector(row) ? VectorRoles.state(row, random) : FpuRoles.state(random);
        masked = random.nextBoolean();
        if (masked) state.fpu.word(FpuImage.CONTROL, state.fpu.control() | EXCEPTIONS).word(FpuImage.STATUS, state.fpu.status() & ~PENDING);
    }

    /** Whether an x87 instruction may be part: none of which processors think differently, if others can tell. */
    private boolean suits(Draft d) {
        if (!d.row.family().equals("fpu")) return true;
        int esc = d.row.opcode() & 7;
        if (!d.memory && FpuRoles.transcendental(esc, 0xC0 | d.reg << 3 | d.rm)) return false;
        if (!d.memory) return masked || !toFlags(d);
        boolean control = esc == 1 && (d.reg == 4 || d.reg == 5) || esc == 5 && d.reg == 4;
        boolean real = (esc == 1 || esc == 5) && d.reg == 0;
        return masked ? !control : !real;
    }

    private static boolean toFlags(Draft d) { return !d.memory && (d.row.opcode() & 3) == 3 && (d.reg == 5 || d.reg == 6); }

    /** DEC ECX or LOOP, back to the start. */
    private void end(int back) {
        if (random.nextBoolean()) {
            code.write(0x49); // dec ecx
            jump(0x75, back - 3, back - 7);
        } else if (back - 2 >= -128) {
            code.write(0xE2);
            code.write(back - 2);
        } else {
            code.write(0x49);
            jump(0x75, back - 3, back - 7);
        }
    }

    private void jump(int shortOpcode, int near, int far) {
        if (near >= -128) {
            code.write(shortOpcode);
            code.write(near);
            return;
        }
        code.write(0x0F);
        code.write(shortOpcode + 0x10);
        for (int n = 0; n < 4; n++) code.write(far >>> 8 * n);
    }

    private void element(Draft state, boolean loop) {
        switch (random.nextInt(12)) {
            case 0, 1 -> over(state, loop);
            case 2 -> selfModifying(state);
            default -> instruction(state, loop);
        }
    }

    private byte[] instruction(Draft state, boolean loop) {
        for (;;) {
            List<Row> source = state.fpu != null && random.nextInt(2) == 0 ? floating : rows;
            Row row = source.get(random.nextInt(source.size()));
            Draft d = new Draft(row, state);
            d.eip = state.eip + code.size();
            generator.write(d);
            if (!suits(d)) continue;
            int changed = Changes.registers(d);
            if (loop && (changed & 1 << ECX) != 0 || (changed & 1 << ESP) != 0 && !row.family().matches("push|pop|pushf|pusha")) continue;
            state.reserved |= d.reserved;
            state.unknown |= changed;
            byte[] bytes = d.code.toByteArray();
            code.writeBytes(bytes);
            if (row.family().equals("fpu") && toFlags(d)) code.writeBytes(SAME_TOP);
            boolean logic = row.family().equals("alu"); // clears AF on every processor there is
            if (!row.undefined().isEmpty() && !logic) {
                code.write(0x39); // cmp: all flags are defined again
                code.write(0xC0 | random.nextInt(64));
            }
            return bytes;
        }
    }

    /** A conditional jump over an instruction. */
    private void over(Draft state, boolean loop) {
        code.write(random.nextInt(9) == 0 ? 0xEB : 0x70 + random.nextInt(16));
        int at = code.size();
        code.write(0);
        instruction(state, loop);
        byte[] all = code.toByteArray();
        all[at] = (byte) (all.length - at - 1);
        code.reset();
        code.writeBytes(all);
    }

    /** MOV of a byte into the code that follows: an INC or DEC of another register, or the other of the two. */
    private void selfModifying(Draft state) {
        int between = random.nextInt(3);
        int register = random.nextInt(8) & ~ESP;
        if ((state.reserved >>> register & 1) != 0) return;
        int target = state.eip + code.size() + 7 + between;
        code.writeBytes(new byte[] {(byte) 0xC6, 5});
        for (int n = 0; n < 4; n++) code.write(target >>> 8 * n);
        code.write(0x40 + register + 8 * random.nextInt(2));
        for (int n = 0; n < between; n++) code.write(0x90);
        code.write(0x40 + register);
        state.unknown |= 1 << register;
    }

    private Case finish(Draft state) {
        List<Patch> patches = new ArrayList<>(state.patches);
        patches.add(new Patch(state.eip, code.toByteArray(), true));
        return new Case("program", java.util.Arrays.copyOf(state.gpr, 8), state.eip, state.eflags | 2, state.selectors, patches, 0, state.fpu);
    }
}
