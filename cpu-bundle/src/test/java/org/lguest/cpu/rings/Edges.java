package org.lguest.cpu.rings;

import static org.lguest.api.state.CpuState.*;
import static org.lguest.api.state.SegmentState.*;

import java.util.ArrayList;
import java.util.List;

/** Cases around the ends of segments, upward and downward, of data, stack and code; alignment; single steps. */
final class Edges {
    private static final int INDEX = Segments.INDEX;

    private final List<Case> cases = new ArrayList<>();

    private Edges() { }

    static List<Case> all() {
        var e = new Edges();
        for (int ring : Segments.RINGS) {
            e.data(ring);
            e.stack(ring);
            e.code(ring);
            e.alignment(ring);
            e.steps(ring);
        }
        return e.cases;
    }

    private void data(int ring) {
        String[] codes = {"8A 03", "66 8B 03", "8B 03", "DB E3 DD 03", "DB E3 DB 2B", "88 03", "66 89 03", "89 03", "DB E3 DD 1B", "A4", "A5", "F3 AB", "0F C7 0B", "67 8B 07", "62 03", "8F 03", "D7"};
        for (String code : codes)
            for (int type : new int[] {0x11, 0x13, 0x15, 0x17, 0x1B})
                for (int big = 0; big <= 4; big += 4)
                    for (int limit : new int[] {0, 7, 0xFFE})
                        for (int offset = -8; offset <= 4; offset += 1)
                            if ((offset & 1) == 0 || offset > -5) cases.add(new Draft(ring, "data").say("%s type %x %d bits limit %x offset %d", code, type, big * 4 + 16, limit, offset)
                                .descriptor(INDEX, World.DATA, limit, type | 0x80 | ring << 5, big).code(code).segment(DS, INDEX << 3 | ring).segment(ES, INDEX << 3 | ring)
                                .register(EBX, limit + offset).register(ESI, limit + offset).register(EDI, limit + offset).register(EAX, 0).register(ECX, 3).done());
    }

    private void stack(int ring) {
        String[] codes = {"50", "66 50", "58", "66 58", "60", "61", "E8 00 00 00 00", "C3", "9C", "C8 08 00 00", "C8 08 00 02", "C9", "8B 45 00", "8B 04 24", "FF 34 24"};
        for (String code : codes)
            for (int type : new int[] {0x13, 0x17})
                for (int big = 0; big <= 4; big += 4)
                    for (int limit : new int[] {0x1F, 0xFFF})
                        for (int esp : new int[] {0, 1, 2, 4, 8, 0x18, 0x1C, 0x1E, 0x20, 0x24, 0xFF8, 0xFFC, 0xFFE, 0x1000, 0x1004, 0xFFFC, 0xFFFE})
                            if (inWindow(type, big, limit, esp)) cases.add(new Draft(ring, "stack").say("%s type %x %d bits limit %x esp %x", code, type, big * 4 + 16, limit, esp)
                                .descriptor(INDEX, World.STACK - (type == 0x17 ? 0x800 : 0), limit, type | 0x80 | ring << 5, big).code(code).segment(SS, INDEX << 3 | ring).register(ESP, esp).register(EBP, esp).done());
    }

    /** What a case may reach is ours; where offsets are refused nothing is reached. */
    private static boolean inWindow(int type, int big, int limit, int esp) { return type == 0x13 || esp > limit + 0x30 && esp < 0x1800; }

    private void code(int ring) {
        for (int big = 0; big <= 4; big += 4)
            for (int limit : new int[] {0x40, 0x41, 0x42, 0x43, 0x44, 0xFFF})
                for (String code : new String[] {"90 90 90 90 90 90", "B8 78 56 34 12 90", "EB 00 90 90", "66 90 90 90", "E2 FE", "75 01"})
                    cases.add(new Draft(ring, "code").say("%s %d bits limit %x", code, big * 4 + 16, limit).descriptor(INDEX, World.CODE, limit, 0x9B | ring << 5, big)
                        .code(World.CODE + 0x40, code).segment(CS, INDEX << 3 | ring).entry(0x40).register(ECX, 3).done());
    }

    /** With EFLAGS.AC; ring 1 does not care. */
    private void alignment(int ring) {
        String[] codes = {"8A 03", "66 8B 03", "8B 03", "89 0B", "66 89 0B", "01 0B", "87 0B", "DB E3 DD 03", "DB E3 D9 03", "DB E3 DF 2B", "DB E3 DD 1B", "0F B1 0B", "0F A3 0B", "FF 33", "8F 03",
            "A5", "66 A5", "A4", "AB", "F3 AB", "FF 23", "0F 94 03", "F0 0F C1 0B", "98 50"};
        for (String code : codes)
            for (int offset = 0; offset < 8; offset++)
                cases.add(new Draft(ring, "alignment").say("%s %d", code, offset).code(code).flags(AC).register(EBX, World.DATA + offset).register(ESI, World.DATA + offset)
                    .register(EDI, World.DATA + 0x40 + offset).register(ECX, 2).register(ESP, World.TOP - (code.equals("98 50") ? offset : 0)).done());
    }

    private void steps(int ring) {
        String[] codes = {"90", "40", "EB 05", "75 00", "F3 A4", "F3 AB", "9C", "FB", "F4", "0F 0B", "8E D0 90 90", "8E D8 90", "17 90", "9D 90", "E8 00 00 00 00", "C3", "F7 F0", "CF", "8B 05 00 00 50 00", "E2 FE", "F3 AE"};
        for (String code : codes)
            for (int flags : new int[] {TF, TF | RF})
                cases.add(new Draft(ring, "step").say("%s flags %x", code, flags).code(code).flags(flags).register(EAX, code.startsWith("8E") ? ring == 1 ? World.KERNEL_DS : World.USER_DS : 0)
                        .register(ECX, 3).words(World.TOP, code.startsWith("17") ? ring == 1 ? World.KERNEL_DS : World.USER_DS : World.CODE + 0x20, ring == 1 ? World.KERNEL_CS : World.USER_CS, 2).done());
        for (String code : new String[] {"9D 90 90", "9D F3 A4", "9D 0F 0B", "9D 8E D0 90", "9D 9D 90"})
            cases.add(new Draft(ring, "popf sets TF").say(code).code(code).words(World.TOP, 0x102, 2).register(ECX, 2).register(EAX, ring == 1 ? World.KERNEL_DS : World.USER_DS).done());
        cases.add(new Draft(ring, "iret sets TF").code("CF").code(World.CODE + 0x20, "90 90").words(World.TOP, World.CODE + 0x20, ring == 1 ? World.KERNEL_CS : World.USER_CS, 0x102).done());
    }
}
