package org.lguest.netbackends;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.lguest.api.part.NetBackend;

/**
 * A capture file in the pcapng format (IETF draft-ietf-opsawg-pcapng): a section header, one Ethernet interface whose stamps are
 * nanoseconds, then an enhanced packet block for each frame with its direction. Little-endian. What a capture before has left in the
 * file stays: a new section begins behind it. One thread at a time.
 *
 * <pre>
 * every block: u32 type, u32 length, body, padding to 4, u32 length again; options: u16 code, u16 length, value, padding to 4
 * </pre>
 */
final class PcapngFile implements AutoCloseable {
    private static final int SECTION = 0x0A0D0D0A, BYTE_ORDER = 0x1A2B3C4D, INTERFACE = 1, PACKET = 6;
    private static final int APPLICATION = 4, NAME = 2, RESOLUTION = 9, FLAGS = 2;
    private static final int INBOUND = 1, OUTBOUND = 2, ETHERNET = 1, NANOSECONDS = 9;
    private static final int ROOM = NetBackend.MAX_PACKET + 128;

    private final Path path;
    private final FileChannel file;
    private final ByteBuffer block = ByteBuffer.allocateDirect(ROOM).order(ByteOrder.LITTLE_ENDIAN);

    /** Opens the file, and begins a section with an interface of this name. */
    PcapngFile(Path path, String interfaceName) throws IOException {
        this.path = path;
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            lock();
            checkContent();
            file.position(file.size());
            section();
            interfaceOf(interfaceName);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void lock() throws IOException {
        try {
            FileLock lock = file.tryLock();
            if (lock == null) throw new IOException("the capture file " + path + " is in use by another program");
        } catch (OverlappingFileLockException e) {
            throw new IOException("the capture file " + path + " is in use by another card", e);
        }
    }

    /** Nothing but an earlier capture is added to. */
    private void checkContent() throws IOException {
        if (file.size() == 0) return;
        ByteBuffer first = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        if (file.read(first, 0) < 4 || first.getInt(0) != SECTION)
            throw new IOException("the file " + path + " is no pcapng capture, and is left alone; choose another name");
    }

    private void section() throws IOException {
        begin(SECTION);
        block.putInt(BYTE_ORDER).putShort((short) 1).putShort((short) 0).putLong(-1);
        option(APPLICATION, "jlguest".getBytes(StandardCharsets.US_ASCII));
        end();
    }

    private void interfaceOf(String name) throws IOException {
        begin(INTERFACE);
        block.putShort((short) ETHERNET).putShort((short) 0).putInt(0);
        option(NAME, name.getBytes(StandardCharsets.UTF_8));
        option(RESOLUTION, new byte[] {NANOSECONDS});
        end();
    }

    /** Adds the frame [offset, offset + length). */
    void frame(byte[] bytes, int offset, int length, boolean outbound, Instant at) throws IOException {
        long nanos = at.getEpochSecond() * 1_000_000_000L + at.getNano();
        begin(PACKET);
        block.putInt(0).putInt((int) (nanos >>> 32)).putInt((int) nanos).putInt(length).putInt(length).put(bytes, offset, length);
        pad();
        block.putShort((short) FLAGS).putShort((short) 4).putInt(outbound ? OUTBOUND : INBOUND);
        end();
    }

    private void begin(int type) { block.clear().putInt(type).putInt(0); }

    private void option(int code, byte[] value) {
        block.putShort((short) code).putShort((short) value.length).put(value);
        pad();
    }

    private void pad() {
        while (block.position() % 4 != 0) block.put((byte) 0);
    }

    /** Closes the options and the block, and writes it whole. */
    private void end() throws IOException {
        int length = block.putInt(0).position() + 4;
        block.putInt(length).putInt(4, length).flip();
        while (block.hasRemaining()) file.write(block);
    }

    @Override
    public void close() throws IOException { file.close(); }
}
