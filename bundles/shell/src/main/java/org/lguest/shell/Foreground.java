package org.lguest.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.Origin;

/** One guest on the terminal, from its launch to the exit status; through all its restarts. */
final class Foreground {
    /** Exit statuses: the guest powered off; it failed, or could not begin; the user interrupted. */
    static final int OK = 0, FAILED = 1, INTERRUPTED = 130;

    private final Guests guests;
    private final InputStream in;
    private final OutputStream out;
    private final PrintStream err;
    private volatile Guest now;
    private volatile boolean interrupted;

    Foreground(Guests guests, InputStream in, OutputStream out, PrintStream err) {
        this.guests = guests;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** Runs the guest; returns the exit status. */
    int run(Options options) throws LaunchException, UsageException, IOException, InterruptedException {
        Guest guest = launch(options.spec().from(new Origin("command line")), options.verbose());
        try (Terminal terminal = new Terminal()) {
            for (;;) {
                Ending ending = life(guest, terminal);
                if (ending.kind() != Ending.Kind.RESTART) return report(ending);
                guest = launch(guest.again(), options.verbose());
            }
        }
    }

    private Guest launch(GuestSpec spec, boolean verbose) throws LaunchException {
        Guest guest = guests.launch(spec);
        if (verbose) guest.log().follow(e -> err.println(guest + ": " + e.text()));
        now = guest;
        return guest;
    }

    /** From start to end; afterwards all that the guest has written is out, and nothing of it is left. */
    private Ending life(Guest guest, Terminal terminal) throws UsageException, InterruptedException {
        try (ConsoleLink line = new ConsoleLink(guests.host(), guest, this::show, true)) {
            terminal.show(line);
            guests.host().start(guest);
            terminal.keyboard.connect(line);
            String missing = guest.vcpu().parts().missing();
            if (missing != null) err.println("lguest: the guest waits: nobody is in the seat of the " + missing);
            Ending ending = guest.ending().get();
            terminal.keyboard.connect(null);
            guests.host().forget(guest);
            return ending;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // an ending never fails
        }
    }

    private void show(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
            out.flush();
        } catch (IOException e) { // nobody reads any more, as in "lguest | head"
            now.kill("standard output cannot be written: " + e.getMessage());
        }
    }

    private boolean interrupt() {
        interrupted = true;
        now.kill("killed by three ^C");
        return true;
    }

    private int report(Ending ending) {
        if (interrupted) return INTERRUPTED;
        if (ending.clean()) return OK;
        err.println("lguest: " + ending);
        return FAILED;
    }

    /** What the guest gets: standard input, raw when it is a terminal. */
    private final class Terminal implements AutoCloseable {
        private final Optional<Tty> tty = Tty.raw();
        final Keyboard keyboard = new Keyboard(in, tty.isPresent() ? Foreground.this::interrupt : null);

        private final Optional<Window> window = tty.map(Window::of);

        Terminal() throws IOException { keyboard.start(); }

        void show(ConsoleLink line) { window.ifPresent(w -> w.show(line::resize)); }

        @Override
        public void close() {
            window.ifPresent(Window::close);
            tty.ifPresent(Tty::close);
        }
    }
}
