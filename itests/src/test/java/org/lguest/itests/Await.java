package org.lguest.itests;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what tells nobody when it happens. */
final class Await {
    private Await() { }

    /** Looks until it is true, for five minutes at most; whether it became true. */
    static boolean until(BooleanSupplier condition) {
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5); System.nanoTime() < end; LockSupport.parkNanos(1_000_000))
            if (condition.getAsBoolean()) return true;
        return condition.getAsBoolean();
    }
}
