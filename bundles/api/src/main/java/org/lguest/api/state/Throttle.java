package org.lguest.api.state;

import java.util.function.LongSupplier;

/** Holds a device back to a {@link Rate}: what it does is counted here, and the next request waits until it is paid for. Any thread. */
public final class Throttle {
    private final Allowance bytes, requests;

    /** For a rate that limits something. */
    public Throttle(Rate rate) { this(rate, System::nanoTime); }

    /** By another clock. */
    public Throttle(Rate rate, LongSupplier clock) {
        bytes = rate.bytes() > 0 ? new Allowance(rate.bytes(), clock) : null;
        requests = rate.requests() > 0 ? new Allowance(rate.requests(), clock) : null;
    }

    /** A request has been served. */
    public void served(long size) {
        if (bytes != null) bytes.use(size);
        if (requests != null) requests.use(1);
    }

    /** Nanoseconds until the next request may be served; 0 when it may now. */
    public long delay() { return Math.max(bytes == null ? 0 : bytes.delay(), requests == null ? 0 : requests.delay()); }
}
