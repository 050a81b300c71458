package org.lguest.cpu.rings;

import java.util.List;
import java.util.function.BiPredicate;

/** Where an emulator's answer is not taken: it differs from the manual, or from what silicon is known to do, or the recording itself gets in the way. */
final class Doubts {
    private record Doubt(String why, BiPredicate<Case, Outcome> applies) { }

    private static final List<Doubt> DOUBTS = List.of(
        new Doubt("the monitor's own memory is mapped where a guest of ours has nothing", (c, o) -> o.trap() == 14 && !inWindow(o.cr2())
            || c.name().matches("(call m16|iret 16) .*no limit")),
        new Doubt("PUSH and POP of a segment register touch two bytes of four (manual, volume 2: processors differ; the one at hand touched four)", (c, o) -> c.name().matches("stack .* (1E|17) page .*")),
        new Doubt("an operand of 80 bits is checked in parts", (c, o) -> c.name().startsWith("data") && c.name().contains("DB 2B")),
        new Doubt("the upper half of ESP is the monitor's in a stack of 16 bits", (c, o) -> c.name().matches("stack .* (60|8B 04 24|FF 34 24|C8 .*) type .* 16 bits .*")));

    private Doubts() { }

    private static boolean inWindow(int linear) { return linear >= World.WINDOW && linear < World.WINDOW + 0x10000; }

    /** Whether an answer is not to be kept. */
    static boolean of(Case c, Outcome o) { return o.trap() < 0 || DOUBTS.stream().anyMatch(d -> d.applies.test(c, o)); }
}
