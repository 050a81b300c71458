package org.lguest.api.state;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * H:470 How the world knocks at the door: 32 interrupt lines, one bit each (ABI section 5).
 *
 * <p>A device raises its line when it has put something on a queue's used ring, the clock raises line 0 when the alarm is due. To raise twice is
 * to raise once: a line says that something has happened, and the handler looks what. Any thread may raise; but the Guest is perhaps
 * asleep, or busy with a long calculation. So whoever raises also wakes it and raises its <em>attention</em>
 * ({@link CpuState#attention}), the one word that an engine looks at again and again while it runs a Guest's code. What the interrupt then
 * does to the Guest is the Switcher's business (S:120), which delivers it and clears the bit.
 */
public final class InterruptLines {
    /** Number of lines. */
    public static final int LINES = 32;

    /** The instruction that trapped last is repeated after an interrupt that came before it. vCPU thread only. */
    public boolean putOff;
    /** Turns since the last delivery in which a pending line waited for the guest to enable or unmask it. vCPU thread only. */
    public int waited;

    private final AtomicInteger pending = new AtomicInteger();
    private final LongAdder raised = new LongAdder();
    private volatile Runnable alarm = () -> { };

    /** What to run when a line is raised; set once by the guest (it raises attention and wakes the vCPU). */
    public void onRaise(Runnable alarm) { this.alarm = alarm; }

    /** Makes a line pending, 0 to 31, and wakes the guest. What was stored before is visible to the guest's handler. */
    public void raise(int irq) {
        if (irq < 0 || irq >= LINES) throw new IllegalArgumentException("irq " + irq + ": want 0 to 31");
        pending.getAndUpdate(p -> p | 1 << irq);
        raised.increment();
        alarm.run();
    }

    /** The pending lines as bits. */
    public int pending() { return pending.get(); }

    /** A line has been delivered. */
    public void clear(int irq) { pending.getAndUpdate(p -> p & ~(1 << irq)); }

    /** Sets all pending bits at once, when state is loaded or a guest starts anew. */
    public void reset(int bits) { pending.set(bits); }

    /** How often lines were raised. */
    public long raised() { return raised.sum(); }
}
