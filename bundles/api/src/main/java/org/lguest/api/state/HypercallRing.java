package org.lguest.api.state;

/** The Host's side of the async ring (ABI section 3.2), and the call that waits to be made. vCPU thread only. */
public final class HypercallRing {
    /** Entries in the ring. */
    public static final int ENTRIES = 64;

    /** Next entry to look at, 0 to 63. */
    public int cursor;
    /** The guest trapped for a hypercall that has not been performed yet. */
    public boolean pending;
    /** It trapped by {@code 0F 01 C1} rather than by {@code int 0x1F}; tells generations apart at LGUEST_INIT. */
    public boolean byVmcall;

    /**
     * What a call that {@linkplain org.lguest.api.abi.Hypercall#answers answers} has to say: it goes to eax when the call trapped, and is
     * lost when it came by the ring.
     */
    public int answer;

    /** @return null, or what is wrong */
    public String check() { return cursor >= 0 && cursor < ENTRIES ? null : "async ring cursor " + cursor; }

    /** As a guest starts. */
    public void reset() {
        cursor = 0;
        pending = false;
        byVmcall = false;
    }
}
