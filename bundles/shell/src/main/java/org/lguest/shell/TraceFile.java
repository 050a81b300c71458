package org.lguest.shell;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.lguest.api.Guest;

/** Lines that go to a file. One that cannot be written any more is told of once, in the guest's log. */
final class TraceFile implements Consumer<String>, AutoCloseable {
    private final Guest guest;
    private final Path file;
    private final BufferedWriter out;
    private boolean ended;

    /** Makes the file, or empties it. */
    TraceFile(Guest guest, Path file) throws UsageException {
        this.guest = guest;
        this.file = file;
        try {
            out = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new UsageException(file + " cannot be written: " + e, e);
        }
    }

    @Override
    public synchronized void accept(String line) {
        if (ended) return;
        try {
            out.write(line);
            out.write('\n');
        } catch (IOException e) {
            failed(e);
        }
    }

    private void failed(IOException e) {
        ended = true;
        guest.log().add("the trace in " + file + " is not complete: " + e);
    }

    @Override
    public synchronized void close() {
        try {
            out.close();
        } catch (IOException e) {
            if (!ended) failed(e);
        }
        ended = true;
    }
}
