package org.lguest.cpu.rings;

import static org.lguest.api.state.CpuState.*;
import static org.lguest.api.state.SegmentState.*;

import java.util.ArrayList;
import java.util.List;

/** Cases about loading segment registers and asking about selectors: every kind of descriptor, DPL, RPL, ring and instruction. */
final class Segments {
    static final int[] RINGS = {1, 3};
    /** Code and data, and what has no S bit; bit 0 is set in all of them, because lguest sets it. */
    static final int[] TYPES = {0x11, 0x13, 0x15, 0x17, 0x19, 0x1B, 0x1D, 0x1F, 0x01, 0x03, 0x05, 0x07, 0x09, 0x0B, 0x0D, 0x0F};
    /** Table index of the descriptor that matters. */
    static final int INDEX = 2;

    private final List<Case> cases = new ArrayList<>();

    private Segments() { }

    static List<Case> all() {
        var s = new Segments();
        for (int ring : RINGS) {
            s.descriptors(ring);
            s.selectors(ring);
            s.arpl(ring);
        }
        return s.cases;
    }

    /** What to do with a selector in EAX, on the stack and behind the word at EBX. */
    private record Use(String name, String code) { }

    private static final List<Use> LOADS = List.of(
        new Use("mov ds", "8E D8 8B 0B 89 0B"), // and read and write through it
        new Use("mov es", "8E C0 26 8B 0B 26 89 0B"),
        new Use("mov ss", "8E D0 50 59"),
        new Use("pop fs", "0F A1 64 8B 0B 64 89 0B"),
        new Use("pop ss", "17 50 59"),
        new Use("lss", "0F B2 23 50"),
        new Use("lds", "C5 13 8B 0D 00 40 40 00"),
        new Use("lgs", "66 0F B5 13 65 8B 0B"));
    private static final List<Use> QUESTIONS = List.of(
        new Use("lar", "0F 02 C8"),
        new Use("lsl", "0F 03 C8"),
        new Use("verr", "0F 00 E0"),
        new Use("verw", "0F 00 E8"),
        new Use("lar16", "66 0F 02 0B"),
        new Use("lsl16", "66 0F 03 0B"));

    private Draft use(int ring, Use use, int selector) {
        boolean question = use.name.startsWith("l") && use.code.startsWith("66 0F 0");
        return new Draft(ring, use.name).say("%x", selector).code(use.code).register(EAX, selector | 0xABCD0000)
            .word(World.TOP, selector | 0x12340000)
            .words(World.DATA, question ? selector : use.name.equals("lss") ? World.TOP - 16 : World.DATA, selector | 0x56780000)
            .words(World.DATA + 2 + 0x20, 0)
            .word(World.DATA, question ? selector : use.name.equals("lgs") ? selector << 16 | 0x4000 : use.name.equals("lss") ? World.TOP - 16 : World.DATA);
    }

    private void descriptors(int ring) {
        var uses = new ArrayList<>(LOADS);
        uses.addAll(QUESTIONS);
        for (Use use : uses)
            for (int type : TYPES)
                for (int dpl = 1; dpl <= 3; dpl++)
                    for (int present = 0; present <= 0x80; present += 0x80)
                        for (int rpl = 0; rpl <= 3; rpl++) {
                            boolean part = use.name.equals("mov es") || use.name.equals("pop ss") || use.name.endsWith("16"); // same as others: half of it is enough
                            if (part && (dpl == 2 || rpl == 2)) continue;
                            cases.add(use(ring, use, INDEX << 3 | rpl).say("type %x dpl %d%s", type, dpl, present == 0 ? " absent" : "")
                                .flat(INDEX, type | dpl << 5 | present).done());
                        }
    }

    private void selectors(int ring) {
        var uses = new ArrayList<>(LOADS);
        uses.addAll(QUESTIONS);
        for (Use use : uses)
            for (int selector : new int[] {0, 1, 2, 3, 4, 7, 0xC, 0x17, 0xFF, 0x53, 0x5B, 0x83, 0xFB, 0x100, 0x103, 0x107, 0xFFF8, 0xFFFF, 0x61, 0x69, 0x73, 0x7B, 0x70})
                cases.add(use(ring, use, selector).done());
    }

    private void arpl(int ring) {
        for (int to = 0; to <= 3; to++)
            for (int from = 0; from <= 3; from++)
                for (String code : new String[] {"63 C8", "63 0B"})
                    for (int page : new int[] {7, 5, 0})
                        if (page == 7 && (code.endsWith("8") || to < from)) // silicon writes only what it raises, software always
                            cases.add(new Draft(ring, "arpl").say("%s %d %d page %d", code, to, from, page).code(code).register(EAX, 0x12340010 | to)
                                .register(ECX, 0x5678AB20 | from).word(World.DATA, 0xFFFF0010 | to).page(World.DATA, page).flags(to == 1 ? ZF : 0).done());
    }
}
