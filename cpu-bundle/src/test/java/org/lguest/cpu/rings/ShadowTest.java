package org.lguest.cpu.rings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.lguest.api.state.CpuState.EAX;
import static org.lguest.api.state.CpuState.ECX;
import static org.lguest.api.state.CpuState.INTERRUPT;
import static org.lguest.api.state.CpuState.NO_TRAP;

import org.junit.jupiter.api.Test;
import org.lguest.cpu.interpreter.Interpreter;

/** Where a run may stop around a load of SS: an interrupt on half a stack would be the end of a kernel. */
class ShadowTest {
    private static final int SMALL = Segments.INDEX << 3 | 1;

    /** Bytes of code that are done when attention has been answered, raised before the first of them; AX is a stack of 16 bits, CX one of 32. */
    private static int done(String code) {
        try (var engine = new Engine(new Interpreter(), false)) {
            engine.cpu().raise(INTERRUPT);
            Draft d = new Draft(1, "shadow").code(code).register(EAX, SMALL).register(ECX, World.KERNEL_DS).word(World.TOP, SMALL)
                .descriptor(Segments.INDEX, World.STACK, 0xFFFF, 0xB3, 0);
            Outcome o = engine.run(d.done());
            assertEquals(NO_TRAP, o.trap(), o::toString);
            return o.eip() - World.CODE;
        }
    }

    /** Another size of stack ends a stretch of decoded code, so here the engine could stop. */
    @Test
    void attentionIsAnsweredBehindTheInstructionThatFollowsALoadOfSs() {
        assertEquals(2, done("8E D8 90 EB 00"), "a load of DS protects nothing");
        assertEquals(9, done("8E D0 BC 00 10 00 00 EB 00"));
        assertEquals(3, done("17 EB 00 90"));
    }

    @Test
    void rowOfLoadsOfSsDoesNotKeepAttentionWaiting() { assertEquals(4, done("8E D0 8E D1 8E D0 8E D1 90 90")); }
}
