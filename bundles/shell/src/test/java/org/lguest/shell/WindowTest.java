package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.lguest.api.part.ConsoleBackend.Size;

class WindowTest {
    private final BlockingQueue<Size> told = new LinkedBlockingQueue<>();
    private volatile Size now = new Size(80, 24);
    private Runnable signal;
    private boolean registered;

    private Window window(Window.Measure measure) {
        return new Window(measure, changed -> {
            signal = changed;
            registered = true;
            return () -> registered = false;
        });
    }

    private Size next() throws InterruptedException { return told.poll(60, TimeUnit.SECONDS); }

    @Test
    void theSizeIsToldAtOnceAndWhenItChanges() throws Exception {
        try (Window w = window(() -> now)) {
            w.show(told::add);
            assertEquals(new Size(80, 24), next());
            now = new Size(132, 50);
            signal.run();
            assertEquals(new Size(132, 50), next());
        }
        assertEquals(false, registered);
    }

    @Test
    void aTerminalThatDoesNotTellIsNoTrouble() throws Exception {
        try (Window w = window(() -> { if (now.rows() == 24) throw new IOException("no terminal"); return now; })) {
            w.show(told::add);
            assertNull(told.poll(50, TimeUnit.MILLISECONDS));
            now = new Size(10, 5);
            signal.run();
            assertEquals(new Size(10, 5), next());
        }
    }

    @Test
    void sttyTellsRowsAndColumns() throws Exception {
        assertEquals(new Size(80, 24), Tty.size("24 80\n"));
        assertEquals(Size.UNKNOWN, Tty.size("0 0"));
        for (String nonsense : new String[] {"", "24", "a b", "-1 80", "70000 1"}) assertThrows(IOException.class, () -> Tty.size(nonsense));
    }
}
