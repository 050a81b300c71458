package org.lguest.netbackends;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.lguest.api.Guest;
import org.lguest.api.part.NetBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:550 Writes down what passes a card, as the Guest sees it: outbound is what it sends. Large segments appear whole, and checksums
 * that somebody else was to finish unfinished, as in captures on any machine with a good card. A capture that fails, for want of room
 * on the disk say, ends; the network does not.
 */
final class Capture extends InFront {
    private static final Logger LOG = LoggerFactory.getLogger(Capture.class);

    private final Guest guest;
    private final Path path;
    private final PcapngFile file;
    private final InstantSource clock;
    private long frames;
    private String ended;

    Capture(Guest guest, Path path, String card, NetBackend behind, InstantSource clock) throws IOException {
        super(behind);
        this.guest = guest;
        this.path = path;
        this.clock = clock;
        file = new PcapngFile(path, card);
    }

    /** An answer that comes while the question is still being written down waits, so that it stands behind it. */
    @Override
    public boolean send(byte[] packet, int length) {
        synchronized (file) {
            Instant at = clock.instant();
            boolean sent = super.send(packet, length);
            if (sent) write(packet, length, true, at);
            return sent;
        }
    }

    @Override
    public int receive(byte[] to) {
        int length = super.receive(to);
        if (length > 0)
            synchronized (file) {
                write(to, length, false, clock.instant());
            }
        return length;
    }

    private void write(byte[] packet, int length, boolean outbound, Instant at) {
        if (ended != null) return;
        try {
            file.frame(packet, HEADER, length - HEADER, outbound, at);
            frames++;
        } catch (IOException e) {
            end(Reasons.why(e));
            LOG.warn("{}: the capture {} has ended", guest, path, e);
        }
    }

    private void end(String why) {
        ended = why;
        guest.log().add("the capture " + path + " has ended after " + frames + " frames: " + why);
    }

    @Override
    public String describe() {
        synchronized (file) {
            return behind.describe() + ", captured in " + path + ": " + frames + " frames" + (ended == null ? "" : " until " + ended);
        }
    }

    @Override
    public void close() {
        super.close();
        synchronized (file) {
            ended = "closed";
            try {
                file.close();
            } catch (IOException e) {
                LOG.warn("{}: closing the capture {}", guest, path, e);
            }
        }
    }
}
