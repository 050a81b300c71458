package org.lguest.shell;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.utils.NonBlockingReader;

/** What is typed in a session of the shell, without waiting for it forever. */
interface Keys extends AutoCloseable {
    /** Waits that long at most; nothing when nothing was typed. */
    byte[] read(long millis) throws IOException;

    @Override
    void close();

    /** A terminal, raw until it is closed. */
    static Keys of(Terminal terminal) {
        Attributes before = terminal.enterRawMode();
        Attributes raw = new Attributes(before);
        raw.copy(terminal.getAttributes());
        raw.setLocalFlag(Attributes.LocalFlag.ISIG, false); // ^C and ^Z are the guest's
        terminal.setAttributes(raw);
        return new Keys() {
            @Override
            public byte[] read(long millis) throws IOException {
                int c = terminal.reader().read(millis);
                return c < 0 ? new byte[0] : follow(terminal.reader(), c);
            }

            @Override
            public void close() { terminal.setAttributes(before); }
        };
    }

    /** The character and what came with it at once: the rest of an escape sequence, of pasted text. */
    private static byte[] follow(NonBlockingReader reader, int first) throws IOException {
        StringBuilder typed = new StringBuilder().append((char) first);
        for (int c; typed.length() < 1024 && reader.available() > 0 && (c = reader.read(1)) >= 0;) typed.append((char) c);
        return typed.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A stream that is no terminal. Its end cannot be told from silence, so that the guest's end ends the session. */
    static Keys of(InputStream in) {
        return new Keys() {
            @Override
            public byte[] read(long millis) throws IOException {
                int n = in.available();
                if (n > 0) return in.readNBytes(n);
                LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(millis));
                return new byte[0];
            }

            @Override
            public void close() { }
        };
    }
}
