package org.lguest.api.state;

/** Time as the guest has been told it. Fields of the clock event are guarded by this object. */
public final class ClockState {
    /** Wall-clock nanoseconds since 1970 at which irq 0 is due; {@link #OFF} when no event is set. Guarded by this. */
    public long dueNanos = OFF;
    /** No event. */
    public static final long OFF = Long.MIN_VALUE;
    /** Host monotonic nanoseconds at which the guest's TSC was zero; set when the guest starts. */
    public long tscZeroNanos;
    /** Frequency of the guest's TSC, told by LGUEST_INIT: 1 GHz, a tick a nanosecond. */
    public int tscKhz = 1_000_000;
}
