package org.lguest.backends;

import java.nio.ByteBuffer;
import org.lguest.api.part.ConsoleBackend;

/**
 * What a console hub leaves to the next one: {@code u32 "hub1", u64 written, u16 columns, u16 rows, u32 n, n bytes of output, bytes typed}, big
 * endian.
 *
 * @param written bytes that the guest has written since it began
 * @param size    of the screen
 * @param output  the last of those bytes
 * @param typed   what was typed and not read
 */
record HubState(long written, ConsoleBackend.Size size, byte[] output, byte[] typed) {
    private static final int MAGIC = 0x68756231, HEAD = 4 + 8 + 2 + 2 + 4;

    byte[] bytes() {
        return ByteBuffer.allocate(HEAD + output.length + typed.length).putInt(MAGIC).putLong(written)
            .putShort((short) size.columns()).putShort((short) size.rows()).putInt(output.length).put(output).put(typed).array();
    }

    /** Understands it; null when it is something else. */
    static HubState of(byte[] state) {
        ByteBuffer b = ByteBuffer.wrap(state);
        if (b.remaining() < HEAD || b.getInt() != MAGIC) return null;
        long written = b.getLong();
        ConsoleBackend.Size size = new ConsoleBackend.Size(b.getShort() & 0xFFFF, b.getShort() & 0xFFFF);
        int n = b.getInt();
        if (n < 0 || n > b.remaining() || n > written) return null;
        byte[] output = new byte[n];
        b.get(output);
        byte[] typed = new byte[b.remaining()];
        b.get(typed);
        return new HubState(written, size, output, typed);
    }
}
