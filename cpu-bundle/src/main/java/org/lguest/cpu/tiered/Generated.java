package org.lguest.cpu.tiered;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.util.Set;
import java.util.stream.Collectors;
import org.lguest.api.Guest;
import org.lguest.api.part.GeneratedCode;
import org.lguest.api.state.GuestMemory;
import org.lguest.cpu.decode.Disassembler;
import org.lguest.cpu.interpreter.Region;

/** A region with the plan that it was made from. */
final class Generated implements GeneratedCode {
    private static final int LONGEST = 15;
    private static final Set<String> STACK = Set.of("push", "pop", "call", "ret", "leave");

    private final Guest guest;
    private final Plan plan;
    private volatile Region region;
    private volatile int bytes;
    private volatile boolean thorough;
    private long entriesBefore;

    Generated(Guest guest, Plan plan, Region region, int bytes) {
        this.guest = guest;
        this.plan = plan;
        this.region = region;
        this.bytes = bytes;
    }

    boolean stale() { return plan.shape().stale(); }

    /** Entries since {@link #look}. */
    long entriesOfLate() { return region.entries() - entriesBefore; }

    void look() { entriesBefore = region.entries(); }

    boolean is(Region r) { return region == r; }

    /** Whether its accesses to memory are so many or more, too many for HotSpot to inline them unless it is told to. */
    boolean crowded(int crowd) { return plan.blocks().values().stream().flatMap(b -> b.steps.stream()).mapToInt(Generated::accesses).sum() >= crowd; }

    private static int accesses(Step s) {
        return (s.insn().memory() && Emitters.of(s.insn()) != null ? 1 : 0) + (STACK.contains(s.insn().row.family()) ? 1 : 0);
    }

    Plan plan() { return plan; }

    /** Another class has been made of the same plan, with more effort. */
    Generated improve(Region better, int length) {
        region = better;
        bytes = length;
        thorough = true;
        return this;
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
        byte[] code = new byte[(int) Math.min(LONGEST, GuestMemory.PAGE - (pa & 0xFFF))];
        guest.memory().read(pa, code, 0, code.length);
        return String.format("%8x  %s", pa, Disassembler.words(code, (int) pa, true));
    }

    @Override
    public String generated() {
        return ClassFile.of().parse(Writer.write(plan, thorough)).methods().stream()
            .filter(m -> m.methodName().equalsString("run"))
            .flatMap(m -> m.findAttribute(Attributes.code()).orElseThrow().elementStream())
            .filter(Instruction.class::isInstance).map(CodeElement::toString).collect(Collectors.joining("\n"));
    }
}
