package org.lguest.config;

import java.time.Duration;

/** One thread that does what is put on it, in order, now or later; and others for what takes long. */
interface Agenda extends AutoCloseable {
    /** Soon, on the thread. */
    void soon(Runnable r);

    /** On the thread, after some time, unless what is returned is run before. */
    Runnable after(Duration delay, Runnable r);

    /** On another thread. */
    void aside(Runnable r);

    /** Monotonic time. */
    long nanos();

    /** Drops all that is not done yet. */
    @Override
    void close();
}
