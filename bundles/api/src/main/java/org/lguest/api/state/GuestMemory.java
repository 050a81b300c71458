package org.lguest.api.state;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * H:100 Memory, and three kinds of addresses.
 *
 * <p>A program names <em>virtual</em> addresses. Its kernel has page tables that turn them into what the kernel takes for <em>physical</em>
 * ones, and in a Guest these are as imaginary as everything else: a guest-physical address is nothing but an offset in the file that is
 * mapped here. Where that is in the machine's own memory only the JVM knows, and one alone asks: see {@link #origin}.
 *
 * <p>Guest-physical memory is the RAM, and above it the window of device pages (ABI section 6.7).
 *
 * <p>It is a private mapping of an unlinked sparse file, so pages that were never touched cost nothing, and every access to the
 * segment is checked by the JVM; what generated code does at {@link #origin} cannot lead out: a guest cannot reach the host. Multi-byte values are little-endian and need no alignment.
 *
 * <p>Two kinds of user: the CPU engine works on {@link #segment()} directly, behind {@link SoftTlb}; everybody else
 * (devices, hypercalls, the launcher) uses the accessors here, which take guest-physical addresses as unsigned values,
 * throw {@link IndexOutOfBoundsException} beyond {@link #limit()}, and tell the engine when they overwrite decoded code.
 * Callers that handle addresses chosen by the guest ask {@link #contains} first.
 *
 * <p>Threads: any. Accesses are not atomic beyond what the JVM gives aligned plain accesses; ring indices use
 * {@link #loadAcquire16} and {@link #storeRelease16}.
 */
public final class GuestMemory implements AutoCloseable {
    /** Where Linux has files in memory. */
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    /** Bytes that others who have files there shall find. */
    private static final long SPARE = 64 << 20;

    /** Pages above RAM for the descriptor page and virtqueue rings (ABI section 11.1, DEVICE_PAGES). */
    public static final int DEVICE_PAGES = 256;
    /** Bytes in a page. */
    public static final int PAGE = 4096;

    /** Layout of a little-endian 32-bit value at any alignment. */
    public static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Layout of a little-endian 16-bit value at any alignment. */
    public static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Layout of a little-endian 64-bit value at any alignment. */
    public static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Layout of a byte. */
    public static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;

    private static final java.lang.invoke.VarHandle SHORT_HANDLE =
        ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /** Bytes that any 32-bit number may be added to and eight bytes be accessed there. */
    private static final long RESERVED = (1L << 32) + PAGE;

    private final Arena arena;
    private final FileChannel file;
    private final MemorySegment segment;
    private final long ramBytes, origin;
    private final CodeFrames code;
    private volatile long limit;

    private GuestMemory(Arena arena, FileChannel file, MemorySegment map, long size, long ramBytes) {
        this.arena = arena;
        this.file = file;
        this.segment = map.asSlice(0, size);
        this.origin = map.byteSize() == RESERVED ? map.address() : 0;
        this.ramBytes = ramBytes;
        this.limit = ramBytes;
        this.code = new CodeFrames((int) (segment.byteSize() / PAGE));
    }

    /**
     * Maps zeroed memory.
     *
     * @param ramBytes size of RAM, a multiple of {@link #PAGE}, at most 3 GiB
     * @throws IOException when the host cannot supply the file or the mapping
     */
    public static GuestMemory create(long ramBytes) throws IOException {
        if (ramBytes <= 0 || ramBytes % PAGE != 0 || ramBytes > 3L << 30)
            throw new IllegalArgumentException("RAM of " + ramBytes + " bytes: want a multiple of 4096 up to 3 GiB");
        long size = ramBytes + (long) DEVICE_PAGES * PAGE;
        Path path = Files.createTempFile(folder(SHARED_MEMORY, size), "lguest-", ".ram");
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE, StandardOpenOption.DELETE_ON_CLOSE);
        Arena arena = Arena.ofShared();
        try {
            MemorySegment map = map(file, size, arena);
            Files.deleteIfExists(path);
            return new GuestMemory(arena, file, map, size, ramBytes);
        } catch (IOException | RuntimeException e) {
            arena.close();
            file.close();
            throw e;
        }
    }

    /** The file is sparse, and addresses are plenty: it is as long as the guest's largest address wants it, where nobody limits that. */
    private static MemorySegment map(FileChannel file, long size, Arena arena) throws IOException {
        try {
            return file.map(FileChannel.MapMode.READ_WRITE, 0, RESERVED, arena);
        } catch (IOException tooLong) {
            try {
                return file.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
            } catch (IOException e) {
                e.addSuppressed(tooLong);
                throw e;
            }
        }
    }

    /**
     * Where the file is: in memory, if the system has a place for such files with room for this one. On a disk, whatever a guest touches is
     * written there soon, though nobody will ever read it, and letting go of it takes long.
     */
    static Path folder(Path inMemory, long size) throws IOException {
        boolean fits = Files.isDirectory(inMemory) && Files.isWritable(inMemory) && Files.getFileStore(inMemory).getUsableSpace() >= size + SPARE;
        return fits ? inMemory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** The whole mapping, RAM first, device window behind it. For engines: a store through it must respect {@link #code()}. */
    public MemorySegment segment() { return segment; }

    /**
     * The machine's own address of guest-physical 0, for generated code; 0 where there is none that keeps this promise: 4 GiB and a page from there on
     * belong to this guest and to nobody else until {@link #close}, so that no 32-bit number added to it leads out.
     */
    public long origin() { return origin; }

    /** The backing file, for copy-on-write maps of a frozen guest; nothing else may write to it. */
    public FileChannel file() { return file; }

    /** Frames that hold decoded code. */
    public CodeFrames code() { return code; }

    /** Size of RAM in bytes; the descriptor page is at this address. */
    public long ramBytes() { return ramBytes; }

    /** First address that a guest may not name: RAM and the device pages handed out so far (the ABI's pfn_limit, in bytes). */
    public long limit() { return limit; }

    /**
     * Hands out device pages just above the ones given so far (ABI section 6.7).
     *
     * @return the guest-physical address of the first page
     * @throws IllegalStateException when the window is used up
     */
    public synchronized long allocateDevicePages(int pages) {
        long at = limit;
        if (pages < 0 || at + (long) pages * PAGE > segment.byteSize())
            throw new IllegalStateException("device window of " + DEVICE_PAGES + " pages is used up");
        limit = at + (long) pages * PAGE;
        return at;
    }

    /** Whether [address, address + length) may be named by the guest (the 4.x bounds rule, ABI section 3.5). */
    public boolean contains(long address, long length) {
        return address >= 0 && length >= 0 && address + length >= address && address + length <= limit;
    }

    private long checked(long address, long length) {
        if (!contains(address, length))
            throw new IndexOutOfBoundsException("guest-physical 0x" + Long.toHexString(address) + "+" + length + " of 0x" + Long.toHexString(limit));
        return address;
    }

    /** Reads an unsigned byte. */
    public int load8(long address) { return segment.get(I8, checked(address, 1)) & 0xFF; }

    /** Reads an unsigned 16-bit value. */
    public int load16(long address) { return segment.get(I16, checked(address, 2)) & 0xFFFF; }

    /** Reads a 32-bit value. */
    public int load32(long address) { return segment.get(I32, checked(address, 4)); }

    /** Reads a 64-bit value. */
    public long load64(long address) { return segment.get(I64, checked(address, 8)); }

    /** Writes the low byte of {@code value}. */
    public void store8(long address, int value) {
        segment.set(I8, checked(address, 1), (byte) value);
        code.written(address, 1);
    }

    /** Writes the low 16 bits of {@code value}. */
    public void store16(long address, int value) {
        segment.set(I16, checked(address, 2), (short) value);
        code.written(address, 2);
    }

    /** Writes a 32-bit value. */
    public void store32(long address, int value) {
        segment.set(I32, checked(address, 4), value);
        code.written(address, 4);
    }

    /** Writes a 64-bit value. */
    public void store64(long address, long value) {
        segment.set(I64, checked(address, 8), value);
        code.written(address, 8);
    }

    /** Reads an aligned unsigned 16-bit value with acquire semantics: what the writer stored before it is visible after. */
    public int loadAcquire16(long address) { return (short) SHORT_HANDLE.getAcquire(segment, checked(address, 2)) & 0xFFFF; }

    /** Writes an aligned 16-bit value with release semantics. */
    public void storeRelease16(long address, int value) {
        SHORT_HANDLE.setRelease(segment, checked(address, 2), (short) value);
        code.written(address, 2);
    }

    /** Copies guest memory out. */
    public void read(long address, byte[] to, int offset, int length) {
        MemorySegment.copy(segment, I8, checked(address, length), to, offset, length);
    }

    /** Copies into guest memory. */
    public void write(long address, byte[] from, int offset, int length) {
        MemorySegment.copy(from, offset, segment, I8, checked(address, length), length);
        code.written(address, length);
    }

    /** A bounds-checked view, for I/O that moves bytes without a copy; a writer calls {@link CodeFrames#written} afterwards. */
    public MemorySegment slice(long address, long length) { return segment.asSlice(checked(address, length), length); }

    /** Sets {@code length} bytes to zero. */
    public void zero(long address, long length) {
        segment.asSlice(checked(address, length), length).fill((byte) 0);
        code.written(address, length);
    }

    /**
     * Reads a NUL-terminated string of Latin-1 bytes, at most {@code max} of them; stops at {@link #limit()}.
     */
    public String string(long address, int max) {
        var s = new StringBuilder();
        for (long a = address; s.length() < max && contains(a, 1); a++) {
            int c = load8(a);
            if (c == 0) break;
            s.append((char) c);
        }
        return s.toString();
    }

    /** Unmaps. Only when no thread of the guest is left. */
    @Override
    public void close() {
        arena.close();
        try {
            file.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e); // an unlinked file: nothing to save, but nothing to hide either
        }
    }
}
