package org.lguest.shell;

import java.io.IOException;
import java.util.function.Consumer;
import org.jline.terminal.Terminal;
import org.jline.utils.Signals;
import org.lguest.api.part.ConsoleBackend.Size;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How large the terminal is, told to one who wants to know: when he begins to, and whenever it changes. */
final class Window implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Window.class);

    /** Finds out how large the terminal is; may take some time. */
    interface Measure {
        Size size() throws IOException;
    }

    private final Measure measure;
    private final Runnable unregister;
    private Consumer<Size> listener = s -> { };

    /**
     * A window that looks when somebody says so.
     *
     * @param register   takes what is to run when the size has changed, and answers how to take it back
     */
    Window(Measure measure, java.util.function.Function<Runnable, Runnable> register) {
        this.measure = measure;
        unregister = register.apply(this::changed);
    }

    /** The terminal on standard input. */
    static Window of(Tty tty) {
        return new Window(tty::size, changed -> {
            Object before = Signals.register("WINCH", changed);
            return () -> Signals.unregister("WINCH", before);
        });
    }

    /** The terminal of a session of the shell. */
    static Window of(Terminal terminal) {
        return new Window(() -> new Size(terminal.getWidth(), terminal.getHeight()), changed -> {
            Terminal.SignalHandler before = terminal.handle(Terminal.Signal.WINCH, s -> changed.run());
            return () -> terminal.handle(Terminal.Signal.WINCH, before);
        });
    }

    /** Tells the size to this one from now on, and soon for the first time. */
    void show(Consumer<Size> to) {
        synchronized (this) { listener = to; }
        changed();
    }

    /** On a thread of its own: signals are not kept waiting. */
    private void changed() { Thread.ofVirtual().name("window").start(this::tell); }

    private synchronized void tell() {
        try {
            listener.accept(measure.size());
        } catch (IOException e) {
            LOG.debug("the terminal does not tell its size", e);
        }
    }

    @Override
    public void close() {
        unregister.run();
        synchronized (this) { listener = s -> { }; }
    }
}
