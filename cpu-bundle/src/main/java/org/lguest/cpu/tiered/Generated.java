package org.lguest.cpu.tiered;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.util.stream.Collectors;
import org.lguest.api.Guest;
import org.lguest.api.part.GeneratedCode;
import org.lguest.api.state.GuestMemory;
import org.lguest.cpu.decode.Disassembler;
import org.lguest.cpu.interpreter.Machine;
import org.lguest.cpu.interpreter.Region;

/** A region with the plan that it was made from. */
final class Generated implements GeneratedCode {
    private final Guest guest;
    private final Plan plan;
    private final boolean direct;
    private final Region region;
    private final int bytes;
    private long entriesBefore;

    Generated(Guest guest, Plan plan, boolean direct, Region region, int bytes) {
        this.guest = guest;
        this.plan = plan;
        this.direct = direct;
        this.region = region;
        this.bytes = bytes;
    }

    Region region() { return region; }

    Plan plan() { return plan; }

    boolean stale() { return plan.shape().stale(); }

    /** Entries since {@link #look}. */
    long entriesOfLate() { return region.entries() - entriesBefore; }

    void look() {
        entriesBefore = region.entries();
        region.unlink();
    }

    /** Back to the interpreter; the vCPU thread. */
    void evict() { plan.head().evict(); }

    @Override
    public long address() { return physical(plan.head().offset); }

    private long physical(int at) { return (long) plan.pages().get(at >> 12).frame << 12 | at & 0xFFF; }

    @Override
    public int size() { return plan.size(); }

    @Override
    public int bytes() { return bytes; }

    @Override
    public long entries() { return region.entries(); }

    @Override
    public long instructions() { return region.instructions(); }

    @Override
    public long stops() { return region.stops(); }

    @Override
    public String disassembly() {
        return plan.blocks().values().stream().flatMap(b -> b.steps.stream()).map(this::words).collect(Collectors.joining("\n"));
    }

    private String words(Step s) {
        long pa = physical(s.at());
        byte[] code = new byte[(int) Math.min(Machine.LONGEST, GuestMemory.PAGE - (pa & 0xFFF))];
        guest.memory().read(pa, code, 0, code.length);
        return String.format("%8x  %s", pa, Disassembler.words(code, (int) pa, true));
    }

    @Override
    public String generated() {
        return ClassFile.of().parse(Writer.write(plan, Windows.in(plan), direct)).methods().stream()
            .filter(m -> m.methodName().equalsString("run"))
            .flatMap(m -> m.findAttribute(Attributes.code()).orElseThrow().elementStream())
            .filter(Instruction.class::isInstance).map(CodeElement::toString).collect(Collectors.joining("\n"));
    }
}
