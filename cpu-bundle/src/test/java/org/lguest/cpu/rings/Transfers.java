package org.lguest.cpu.rings;

import static org.lguest.api.state.CpuState.*;
import static org.lguest.api.state.SegmentState.*;

import java.util.ArrayList;
import java.util.List;

/** Cases about far jumps, calls, returns and IRET: every kind of target, and every kind of stack and data segment on the way outward. */
final class Transfers {
    private static final int[] RINGS = Segments.RINGS;
    private static final int INDEX = Segments.INDEX, TARGET = World.CODE + 0x100;
    private static final String[] NAMES = {"jmp far", "call far", "jmp m32", "call m32", "call m16", "retf", "retf 8", "iret", "iret 16"};

    private final List<Case> cases = new ArrayList<>();

    private Transfers() { }

    static List<Case> all() {
        var t = new Transfers();
        for (int ring : RINGS) {
            t.targets(ring);
            t.stacks(ring);
            t.returns(ring);
        }
        t.data();
        t.flags();
        return t.cases;
    }

    /** A transfer to a selector; returns find it on the stack, and {@code ss} behind it. */
    private static Draft go(int ring, int kind, int selector, int eip, int ss, int flags) {
        int pointer = World.DATA + 0x40;
        int sp = World.TOP;
        Draft d = new Draft(ring, NAMES[kind]).say("%x", selector);
        String le = String.format("%02X %02X %02X %02X %02X %02X", eip & 0xFF, eip >>> 8 & 0xFF, eip >>> 16 & 0xFF, eip >>> 24, selector & 0xFF, selector >>> 8 & 0xFF);
        switch (kind) {
            case 0 -> d.code("EA" + le);
            case 1 -> d.code("9A" + le);
            case 2 -> d.code("FF 6B 40").words(pointer, eip, selector | 0x77770000);
            case 3 -> d.code("FF 5B 40").words(pointer, eip, selector | 0x77770000);
            case 4 -> d.code("66 FF 5B 40").words(pointer, eip & 0xFFFF | selector << 16);
            case 5 -> d.code("CB").words(sp, eip, selector | 0x99990000, sp + 0x80, ss | 0x66660000);
            case 6 -> d.code("CA 08 00").words(sp, eip, selector, 0, 0, sp + 0x80, ss);
            case 7 -> d.code("CF").words(sp, eip, selector | 0x99990000, flags, sp + 0x80, ss | 0x66660000);
            default -> d.code("66 CF").words(sp, eip & 0xFFFF | selector << 16, flags & 0xFFFF | (sp + 0x80) << 16, ss);
        }
        return d;
    }

    private void targets(int ring) {
        for (int kind = 0; kind < NAMES.length; kind++)
            for (int type : Segments.TYPES)
                for (int dpl = 1; dpl <= 3; dpl++)
                    for (int present = 0; present <= 0x80; present += 0x80)
                        for (int rpl = 0; rpl <= 3; rpl++) {
                            if (taskSwitch(ring, kind, type, dpl, rpl, present)) continue;
                            if ((kind == 2 || kind == 6) && (rpl == 2 || dpl == 2)) continue; // as the form beside it
                            boolean small = kind == 4 || kind == 8;
                            int ss = rpl == 3 ? World.USER_DS : rpl == 1 ? World.KERNEL_DS : 3 << 3 | 2;
                            cases.add(go(ring, kind, INDEX << 3 | rpl, small ? 0x100 : TARGET, ss, 0x2).say("type %x dpl %d%s", type, dpl, present == 0 ? " absent" : "")
                                .descriptor(INDEX, small ? World.CODE : 0, 0xFFFFF, type | dpl << 5 | present, 0xC).flat(3, 0xD3).done());
                        }
    }

    /** An available TSS that may be named, and task gates: there are no tasks in our guests. */
    private static boolean taskSwitch(int ring, int kind, int type, int dpl, int rpl, int present) {
        return kind < 5 && (type == 1 || type == 9 || type == 5) && dpl >= ring && dpl >= rpl && present != 0;
    }

    /** SS on the way to an outer ring. */
    private void stacks(int ring) {
        for (int kind = 5; kind < NAMES.length; kind++)
            for (int to = ring; to <= 3; to++)
                for (int type : Segments.TYPES)
                    for (int dpl = 1; dpl <= 3; dpl++)
                        for (int present = 0; present <= 0x80; present += 0x80)
                            for (int rpl = 0; rpl <= 3; rpl++) {
                                if ((kind == 6 || kind == 8) && (dpl == 2 || rpl == 2 || to == 2)) continue;
                                if (to == ring && (dpl != ring || rpl != ring)) continue; // SS is not looked at
                                int cs = to == 3 ? World.USER_CS : to == 1 ? World.KERNEL_CS : 4 << 3 | 2;
                                Draft d = go(ring, kind, kind == 8 ? 5 << 3 | to : cs, kind == 8 ? 0x100 : TARGET, INDEX << 3 | rpl, 2);
                                cases.add(d.say("ss %x type %x dpl %d%s", INDEX << 3 | rpl, type, dpl, present == 0 ? " absent" : "").code(TARGET, "50 59")
                                    .flat(INDEX, type | dpl << 5 | present).flat(4, 0xDB).descriptor(5, World.CODE, 0xFFFFF, 0x9B | to << 5, 0xC).done());
                            }
        for (int kind = 5; kind < NAMES.length; kind++)
            for (int ss : new int[] {0, 1, 2, 3, 4, 7, 0xC, 0x17, 0x53, 0x5B, 0x83, 0xFB, 0x100, 0x103, 0x107, 0xFFF8, 0xFFFF, 0x61, 0x69, 0x73, 0x7B, 0x78, 0x70})
                cases.add(go(ring, kind, kind == 8 ? 5 << 3 | 3 : World.USER_CS, kind == 8 ? 0x100 : TARGET, ss, 2).say("ss %x", ss)
                    .descriptor(5, World.CODE, 0xFFFFF, 0xFB, 0xC).done());
    }

    /** Selectors that are no one's, and targets around a limit. */
    private void returns(int ring) {
        for (int kind = 0; kind < NAMES.length; kind++) {
            for (int cs : new int[] {0, 1, 2, 3, 4, 7, 0xC, 0x17, 0x50, 0x53, 0x5B, 0x80, 0x83, 0xFB, 0x100, 0x103, 0x107, 0xFFF8, 0xFFFF, 0x60, 0x61, 0x63, 0x69, 0x70, 0x73, 0x7B})
                cases.add(go(ring, kind, cs, TARGET & (kind == 4 || kind == 8 ? 0xFFFF : -1), World.USER_DS, 2).say("no limit").done());
            for (int to = ring; to <= 3; to += 2)
                for (int eip : new int[] {0x10, 0xFFE, 0xFFF, 0x1000, 0x1001, 0x10FFF})
                    cases.add(go(ring, kind, INDEX << 3 | to, kind == 4 || kind == 8 ? eip & 0xFFFF : eip, to == 3 ? World.USER_DS : World.KERNEL_DS, 2).say("limit fff eip %x", eip)
                        .descriptor(INDEX, World.CODE, 0xFFF, 0x9B | to << 5, 4).done());
            for (int big = 0; big <= 4; big += 4) // code of 16 bits behind it
                cases.add(go(ring, kind, INDEX << 3 | ring, 0x100, 0, 2).say("code of %d bits", big == 4 ? 32 : 16)
                    .descriptor(INDEX, World.CODE, 0xFFFF, 0x9B | ring << 5, big).code(TARGET, "50 B8 34 12 CC CC CC").done());
            if (kind >= 5 && ring == 1) // a stack of 16 bits ahead
                for (int sp : new int[] {0x12340000, 0x12341800, 0x1234FFFF})
                    cases.add(go(ring, kind, kind == 8 ? 5 << 3 | 3 : World.USER_CS, kind == 8 ? 0x100 : TARGET, INDEX << 3 | 3, 2).say("to a stack of 16 bits at %x", sp)
                        .word(World.TOP + (kind == 5 ? 8 : kind == 6 ? 16 : 12), sp).code(TARGET, "50 59").descriptor(5, World.CODE, 0xFFFFF, 0xFB, 0xC)
                        .descriptor(INDEX, World.STACK, 0xFFFF, 0xF3, 0).done());
        }
    }

    /** Data segments that an outer ring may not keep. */
    private void data() {
        for (int kind = 5; kind < NAMES.length; kind++)
            for (int type : new int[] {0x91, 0x93, 0x97, 0x9B, 0x9D, 0x9F})
                for (int dpl = 1; dpl <= 3; dpl++)
                    for (int rpl = 0; rpl <= 1; rpl++) {
                        int data = INDEX << 3 | rpl;
                        if ((type & 0x0A) == 8) continue; // cannot be loaded
                        cases.add(go(1, kind, kind == 8 ? 5 << 3 | 3 : World.USER_CS, kind == 8 ? 0x100 : TARGET, World.USER_DS, 2).say("data %x type %x dpl %d", data, type, dpl)
                            .flat(INDEX, type | dpl << 5).descriptor(5, World.CODE, 0xFFFFF, 0xFB, 0xC).segment(DS, data).segment(ES, data).segment(FS, data).segment(GS, data)
                            .register(EBX, World.DATA).code(TARGET, "64 8B 0B 65 89 0B").done());
                    }
    }

    /** Flags that IRET and POPF may change, and that PUSHF shows. */
    private void flags() {
        for (int ring : RINGS)
            for (int before : new int[] {0, 0x244CD5})
                for (int after : new int[] {0, 0x244CD5, -1 & ~0x24100, 0x3000, 0x200, 0x180000, 0x10000}) {
                    for (int kind = 7; kind < NAMES.length; kind++)
                        for (int to = ring; to <= 3; to += 2)
                            cases.add(go(ring, kind, INDEX << 3 | to, 0x100, to == 3 ? World.USER_DS : World.KERNEL_DS, after).say("flags %x over %x", after, before)
                                .descriptor(INDEX, World.CODE, 0xFFFFF, 0x9B | to << 5, 0xC).code(TARGET, "9C 59 66 9C 5A").flags(before & ~NT).done());
                    for (String code : new String[] {"9D 9C 59 66 9C", "66 9D 9C 59 66 9C"})
                        cases.add(new Draft(ring, "popf").say("%s flags %x over %x", code, after, before).code(code).word(World.TOP, after).flags(before).done());
                }
        cases.add(go(1, 7, World.USER_CS, TARGET, World.USER_DS, 2).say("NT").flags(NT).done());
        cases.add(go(3, 7, World.USER_CS, TARGET, World.USER_DS, 2).say("NT").flags(NT).done());
    }
}
