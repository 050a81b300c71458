package org.lguest.api;

import java.util.concurrent.atomic.LongAdder;

/** What happened, counted. The plain fields belong to the vCPU thread and may be read late by others. */
public final class Counters {
    /** Turns of the run loop. */
    public long turns;
    /** Times the guest slept in HALT. */
    public long halts;
    /** Hypercalls by number, those of the async ring included. */
    public final long[] hypercalls = new long[32];
    /** Traps that ended a stretch of guest code, by vector. */
    public final long[] traps = new long[256];
    /** Interrupts delivered, by line. */
    public final long[] interrupts = new long[32];
    /** Page faults that the shadow page tables resolved without the guest. */
    public long shadowFaults;
    /** Port accesses answered with nothing behind them. */
    public long emulatedPorts;
    /** Nanoseconds in which the vCPU stood still because its parts changed: from the first that left until all seats were taken again. */
    public long stillNanos;
    /** Descriptor chains served by devices. */
    public final LongAdder chains = new LongAdder();
    /** Bytes moved by devices. */
    public final LongAdder deviceBytes = new LongAdder();
    /** Ethernet frames that the guest has sent; a large segment counts as one. */
    public final LongAdder framesSent = new LongAdder();
    /** Ethernet frames that the guest was given. */
    public final LongAdder framesReceived = new LongAdder();
    /** Ethernet frames from or for the guest that were lost on the Host: malformed, nobody there, no room. */
    public final LongAdder framesDropped = new LongAdder();
}
