package org.lguest.netbackends;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.lguest.api.Guest;
import org.lguest.api.state.GuestMemory;

/**
 * D:492 The file behind an inter-guest network (ABI section 10.7). Its first page is what the guests share: six bytes for the address of each. A
 * guest's place in it is reserved by a lock on the byte of the same number. The trick is the original's: locks of files go when their process goes,
 * however it goes, so a place never needs to be tidied up.
 *
 * <pre>
 *  0x0000  a page of 682 hardware addresses, mapped into the guests      lock of byte n: place n is somebody's
 *  0x1000  for each offset n on that page, u16: the port of the runtime whose guest has bound it, 0 for none
 *  0x2000  32 bytes that only those know who may read the file           lock of 0x10000 + n: guest number n is somebody's
 * </pre>
 *
 * <p>The second and the third page are ours. Where the original's kernel copies from one guest to another, guests of two runtimes here are strangers
 * to each other's memory; what they send goes through a socket of the host's own ({@link ShareDoor}). One of these for each file in a runtime, since a
 * process that closes a file gives up all its locks on it. Any thread.
 */
final class ShareFile {
    static final int PLACES = GuestMemory.PAGE / 6;
    private static final int PORTS = GuestMemory.PAGE, SECRET = 2 * GuestMemory.PAGE, SECRET_BYTES = 32, BYTES = 3 * GuestMemory.PAGE;
    private static final int ADDRESS_BYTES = 6, NUMBERS_LOCK = 0x10000, MAKING_LOCK = 0x20000, MAKING_MILLIS = 5000, NUMBERS = 0x10000;

    private final Path path;
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment map;
    private final ShareDoor door;
    private final List<SharePlace> places = new CopyOnWriteArrayList<>();
    /** Guests of this runtime that have it open, those on their way in included; guarded by the provider. */
    int users;

    /** Opens it, and makes it when it is not there. So long does a guest wait for another runtime. */
    ShareFile(Path path, int patienceMillis) throws IOException {
        this.path = path;
        boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        if (Files.exists(path) && Files.size(path) != 0 && Files.size(path) != GuestMemory.PAGE && Files.size(path) != BYTES)
            throw new IOException(path + " is no network file: it has " + Files.size(path) + " bytes; name one that does not exist yet");
        channel = posix ? FileChannel.open(path, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
            : FileChannel.open(path, options);
        try {
            map = make();
            byte[] secret = map.asSlice(SECRET, SECRET_BYTES).toArray(GuestMemory.I8);
            door = new ShareDoor(secret, this::fromOutside, patienceMillis);
        } catch (IOException | RuntimeException e) {
            channel.close();
            arena.close();
            throw e;
        }
    }

    /** Grown to its size, with a secret: whoever comes first does that, and others wait for him. */
    private MemorySegment make() throws IOException {
        try (FileLock making = making()) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena);
            MemorySegment secret = all.asSlice(SECRET, SECRET_BYTES);
            if (secret.mismatch(MemorySegment.ofArray(new byte[SECRET_BYTES])) < 0) {
                byte[] fresh = new byte[SECRET_BYTES];
                new SecureRandom().nextBytes(fresh);
                secret.copyFrom(MemorySegment.ofArray(fresh));
            }
            assert making.isValid();
            return all;
        }
    }

    /** Waits for another process in the lock, and for another platform in this one, of which the lock only complains, here. */
    private FileLock making() throws IOException {
        for (int i = 0; i < MAKING_MILLIS; i++)
            try {
                return channel.lock(MAKING_LOCK, 1, false);
            } catch (OverlappingFileLockException e) {
                LockSupport.parkNanos(1_000_000);
            }
        throw new IOException("somebody has been making " + path + " for " + MAKING_MILLIS + " ms");
    }

    Path path() { return path; }

    /** The page that guests share, mapped. */
    MemorySegment page() { return map.asSlice(0, GuestMemory.PAGE); }

    /** The lock of the lowest free place; one that was killed may have left his address there. */
    FileLock reserve() throws IOException {
        for (int i = 0; i < PLACES; i++) {
            FileLock lock = tryLock(i);
            if (lock != null) return lock;
        }
        throw new IOException("all " + PLACES + " places of the network " + path + " are taken");
    }

    /** The lock of this place; null when it is somebody's. */
    FileLock reserve(int place) throws IOException { return tryLock(place); }

    /** Nobody is there. */
    void blank(int place) { map.asSlice((long) place * ADDRESS_BYTES, ADDRESS_BYTES).fill((byte) 0); }

    /** The lock of a number that no other guest on this network has; the guest gets it. */
    FileLock number(Guest guest) throws IOException {
        for (int i = 0; i < NUMBERS; i++) {
            int number = guest.control().guestId() + i & NUMBERS - 1;
            FileLock lock = tryLock(NUMBERS_LOCK + number);
            if (lock == null) continue;
            guest.control().renumber(number);
            return lock;
        }
        throw new IOException("all numbers for guests on the network " + path + " are taken");
    }

    private FileLock tryLock(long at) throws IOException {
        try {
            return channel.tryLock(at, 1, false);
        } catch (OverlappingFileLockException e) {
            return null; // another guest of this runtime has it
        }
    }

    void add(SharePlace place) { places.addFirst(place); }

    /** When this returns nobody stores into its guest any more. */
    void remove(SharePlace place) {
        places.remove(place);
        synchronized (place.guest().dma()) { // whoever is inside leaves first
            for (int offset = 0; offset < GuestMemory.PAGE; offset += 4) if (port(offset) == door.port()) announce(offset);
        }
    }

    /** Announces what the guests of this runtime have bound on the page. */
    void announce(int offset) {
        boolean bound = places.stream().anyMatch(p -> p.guest().dma().find(p.key(offset)) != null);
        if (bound) map.set(GuestMemory.I16, PORTS + offset, (short) door.port());
        else if (port(offset) == door.port()) map.set(GuestMemory.I16, PORTS + offset, (short) 0);
    }

    private int port(int offset) { return map.get(GuestMemory.I16, PORTS + offset) & 0xFFFF; }

    /**
     * To the guest that has bound this offset, wherever it is, but not to the one that sends.
     *
     * @param patient waits a moment for a receiver that has no free buffer
     */
    int deliver(Guest from, int offset, byte[] data, boolean patient) {
        int here = deliverHere(from, offset, data, patient);
        int port = port(offset);
        return here != Delivery.NOBODY || port == 0 || port == door.port() ? here : door.send(port, offset, data, patient);
    }

    private int fromOutside(int offset, byte[] data, boolean patient) { return deliverHere(null, offset, data, patient); }

    private int deliverHere(Guest from, int offset, byte[] data, boolean patient) {
        for (SharePlace p : places) {
            if (p.guest() == from) continue;
            int result = p.take(offset, data, patient);
            if (result != Delivery.NOBODY) return result;
        }
        return Delivery.NOBODY;
    }

    void close() {
        door.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e); // what was to be written is in the map
        } finally {
            arena.close();
        }
    }
}
