package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.Set;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.BlockBackend;
import org.osgi.service.component.annotations.Component;

/**
 * {@code mem:SIZE[K|M|G][,bs=N]}: a disk of zeros in the host's memory, that is, in a file without a name, where only what was written takes
 * room. It is gone when the guest ends.
 */
@Component
public final class MemoryDisks implements BackendProvider {
    private static final long MOST = 1L << 40;

    @Override
    public DeviceType type() { return DeviceType.BLOCK; }

    @Override
    public String scheme() { return "mem"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        DiskSpec spec = new DiskSpec(rest, Set.of("bs"));
        return new MemoryDisk(size(spec.file()), spec.blockSize());
    }

    private static long size(String text) throws IOException {
        int unit = text.isEmpty() ? -1 : "KMG".indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
        String digits = unit < 0 ? text : text.substring(0, text.length() - 1);
        try {
            long n = Math.multiplyExact(Long.parseLong(digits), 1L << 10 * (unit + 1));
            if (n > 0 && n <= MOST) return n;
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IOException("'" + text + "' is no size for a memory disk: want a number and K, M or G", e);
        }
        throw new IOException("a memory disk of " + text + ": want more than 0 and up to 1024G");
    }

    private static final class MemoryDisk implements BlockBackend {
        private DiskFile file = DiskFile.temporary();
        private final long size;
        private final int blockSize;
        private boolean closed;

        MemoryDisk(long size, int blockSize) throws IOException {
            this.size = size;
            this.blockSize = blockSize;
        }

        @Override
        public long size() { return size; }

        @Override
        public boolean readOnly() { return false; }

        @Override
        public int blockSize() { return blockSize; }

        /** The file ends behind the last byte that was written; behind it there are zeros. */
        @Override
        public void read(long offset, MemorySegment to) throws IOException { file.readOrZeros(offset, to); }

        @Override
        public void write(long offset, MemorySegment from) throws IOException { file.write(offset, from); }

        /** There is nothing that it could survive. */
        @Override
        public void flush() { }

        @Override
        public String describe() { return "memory, " + size / 1024 + " KiB"; }

        @Override
        public FileChannel handOverFile() { return file.handOver(); }

        @Override
        public void takeOverFile(FileChannel other) {
            file.close();
            file = DiskFile.taken(other);
        }

        @Override
        public void close() {
            if (!closed) file.close();
            closed = true;
        }
    }
}
