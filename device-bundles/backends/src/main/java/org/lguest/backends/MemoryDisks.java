package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.BlockBackend;
import org.osgi.service.component.annotations.Component;

/** {@code mem:SIZE[K|M|G]}: a disk of zeros in the host's memory; what is written is gone when the guest ends. */
@Component
public final class MemoryDisks implements BackendProvider {
    @Override
    public DeviceType type() { return DeviceType.BLOCK; }

    @Override
    public String scheme() { return "mem"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException { return new MemoryDisk(size(rest)); }

    private static long size(String text) throws IOException {
        int unit = text.isEmpty() ? -1 : "KMG".indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
        String digits = unit < 0 ? text : text.substring(0, text.length() - 1);
        try {
            long n = Math.multiplyExact(Long.parseLong(digits), 1L << 10 * (unit + 1));
            if (n > 0 && n <= 4L << 30) return n;
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IOException("'" + text + "' is no size for a memory disk: want a number and K, M or G", e);
        }
        throw new IOException("a memory disk of " + text + ": want up to 4G");
    }

    private static final class MemoryDisk implements BlockBackend {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment bytes;

        MemoryDisk(long size) { bytes = arena.allocate(size); }

        @Override
        public long size() { return bytes.byteSize(); }

        @Override
        public boolean readOnly() { return false; }

        @Override
        public void read(long offset, MemorySegment to) { MemorySegment.copy(bytes, offset, to, 0, to.byteSize()); }

        @Override
        public void write(long offset, MemorySegment from) { MemorySegment.copy(from, 0, bytes, offset, from.byteSize()); }

        @Override
        public void flush() { }

        @Override
        public String describe() { return "memory, " + size() / 1024 + " KiB"; }

        @Override
        public void close() { if (arena.scope().isAlive()) arena.close(); }
    }
}
