package org.lguest.shell;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries standard input to whichever guest has the terminal. At the end of input it types ^D, once for each guest: one that
 * restarts finds the end again, as on a terminal that was hung up.
 */
final class Keyboard {
    private static final Logger LOG = LoggerFactory.getLogger(Keyboard.class);
    private static final byte[] CTRL_D = {4};

    private final InputStream in;
    private final BooleanSupplier interrupt;
    private final Interrupts interrupts;
    private ConsoleLink line;

    /**
     * A keyboard that reads from a stream.
     *
     * @param interrupt what three ^C do; null where ^C is a byte like others
     */
    Keyboard(InputStream in, BooleanSupplier interrupt) {
        this.in = in;
        this.interrupt = interrupt;
        interrupts = interrupt == null ? null : new Interrupts();
    }

    /** Begins to read, on a thread that does not keep the JVM. */
    void start() { Thread.ofPlatform().daemon(true).name("keyboard").start(this::read); }

    /** Input goes there from now on; null: it waits for the next. */
    synchronized void connect(ConsoleLink next) {
        line = next;
        notifyAll();
    }

    private void read() {
        byte[] bytes = new byte[1024];
        try {
            for (int n; (n = in.read(bytes)) >= 0;)
                if (interrupts == null || !interrupts.complete(bytes, n, System.nanoTime()) || !interrupt.getAsBoolean()) type(bytes, n);
            for (ConsoleLink told = null;;) {
                told = other(told);
                told.feed(CTRL_D, 0, 1);
            }
        } catch (IOException e) {
            LOG.warn("standard input cannot be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void type(byte[] bytes, int length) throws InterruptedException {
        other(null).feed(bytes, 0, length);
    }

    /** Waits for a guest that is not this one. */
    private synchronized ConsoleLink other(ConsoleLink than) throws InterruptedException {
        while (line == null || line == than) wait();
        return line;
    }
}
