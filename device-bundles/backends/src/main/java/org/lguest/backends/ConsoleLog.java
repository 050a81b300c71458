package org.lguest.backends;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.lguest.api.part.ConsoleHub;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A console's output in a file, behind what is there already. One that cannot be written any more is given up, the guest goes on. */
final class ConsoleLog implements ConsoleHub.Reader, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleLog.class);

    private final Path path;
    private final OutputStream out;

    /** @throws IOException with a sentence for the user */
    ConsoleLog(Path path) throws IOException {
        this.path = path;
        if (Pipes.is(path)) throw new IOException("the console's log " + path + " is a pipe: the guest would have to wait for who reads it");
        try {
            out = Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IOException("the console's log " + path + " cannot be written: " + reason(e), e);
        }
    }

    private String reason(IOException e) {
        if (Files.isDirectory(path)) return "it is a directory";
        Path folder = path.toAbsolutePath().getParent();
        return folder != null && !Files.isDirectory(folder) ? "there is no folder " + folder : e.toString();
    }

    Path path() { return path; }

    @Override
    public void output(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException("the console's log " + path, e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            LOG.error("closing {}", path, e);
        }
    }
}
