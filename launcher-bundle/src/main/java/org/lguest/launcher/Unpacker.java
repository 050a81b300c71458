package org.lguest.launcher;

import static org.lguest.api.state.GuestMemory.I32;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import org.lguest.api.LaunchException;

/** Unpacks the payload of a bzImage. */
final class Unpacker {
    private Unpacker() { }

    /**
     * Unpacks a payload. Its last four bytes are the unpacked length: gzip ends so anyway, to the others the build of
     * Linux appends it.
     *
     * @param limit a greater length is taken for damage
     */
    static byte[] unpack(String name, Compression compression, MemorySegment payload, long limit) throws LaunchException {
        long length = payload.byteSize() < 8 ? 0 : Integer.toUnsignedLong(payload.get(I32, payload.byteSize() - 4));
        if (length == 0 || length > limit)
            throw new LaunchException("the " + compression.label() + " payload of " + name + " is damaged: it claims to unpack to " + length
                + " bytes; copy the file again");
        MemorySegment packed = compression == Compression.GZIP ? payload : payload.asSlice(0, payload.byteSize() - 4);
        try (InputStream in = compression.open(new SegmentInputStream(packed))) {
            byte[] out = new byte[(int) length];
            int n = in.readNBytes(out, 0, out.length);
            if (n < out.length) throw new EOFException("it ends after " + n + " of " + length + " bytes");
            if (in.read() >= 0) throw new IOException("it goes on after " + length + " bytes"); // reading to the end also checks the checksums
            return out;
        } catch (IOException | RuntimeException e) { // decoders meet damage in many ways
            throw new LaunchException("the " + compression.label() + " payload of " + name + " is damaged: " + e.getMessage()
                + "; copy the file again", e);
        }
    }
}
