package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;
import org.slf4j.LoggerFactory;

/**
 * {@code overlay:BASE[,file=FILE][,rebase][,bs=N]}: a disk that begins as BASE, a raw image which is only read and which any number of
 * guests may have as their base. What is written goes to FILE, which is made when it is not there, and without it is forgotten
 * when the guest ends. When BASE is not what it was when FILE was used last, {@code rebase} says that its content is the same.
 */
@Component
public final class Overlays implements BackendProvider {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    @Override
    public DeviceType type() { return DeviceType.BLOCK; }

    @Override
    public String scheme() { return "overlay"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        DiskSpec spec = new DiskSpec(rest, Set.of("file", "rebase", "bs"));
        return open(spec, boot());
    }

    /** Opens an overlay under a boot of the host. */
    static OverlayDisk open(DiskSpec spec, UUID boot) throws IOException {
        Path file = spec.path("file");
        boolean rebase = spec.flag("rebase");
        int blockSize = spec.blockSize();
        DiskFile base = DiskFile.open(spec.path(), false);
        try {
            if (base.size() < blockSize) throw new IOException("the disk image " + base.path() + " is empty");
            return file == null ? temporary(base, blockSize) : lasting(base, file, rebase, boot, blockSize);
        } catch (IOException | RuntimeException e) {
            base.close();
            throw e;
        }
    }

    private static OverlayDisk temporary(DiskFile base, int blockSize) throws IOException {
        DiskFile delta = DiskFile.temporary();
        return new OverlayDisk(base, delta, BlockStates.read(delta, OverlayHeader.BYTES, OverlayHeader.blocks(base.size())),
            OverlayHeader.data(base.size()), false, blockSize);
    }

    private static OverlayDisk lasting(DiskFile base, Path file, boolean rebase, UUID boot, int blockSize) throws IOException {
        if (Files.exists(file) && Files.isSameFile(file, base.path())) throw new IOException(file + " cannot be an overlay on itself");
        create(file);
        DiskFile delta = DiskFile.open(file, true);
        try {
            OverlayHeader now = new OverlayHeader(base.size(), Files.getLastModifiedTime(base.path()).to(TimeUnit.NANOSECONDS), boot);
            OverlayHeader before = delta.size() == 0 ? now : header(delta);
            check(before, now, base.path(), file, rebase);
            BlockStates states = BlockStates.load(delta, OverlayHeader.BYTES, OverlayHeader.blocks(now.size()), before.boot().equals(boot));
            delta.write(0, MemorySegment.ofArray(now.bytes()));
            delta.force();
            return new OverlayDisk(base, delta, states, OverlayHeader.data(now.size()), true, blockSize);
        } catch (IOException | RuntimeException e) {
            delta.close();
            throw e;
        }
    }

    private static OverlayHeader header(DiskFile delta) throws IOException {
        byte[] page = new byte[OverlayHeader.BYTES];
        if (delta.size() < page.length) throw new IOException(delta.path() + " is no overlay");
        delta.read(0, MemorySegment.ofArray(page));
        return OverlayHeader.of(page, delta.path());
    }

    /** Blocks that the overlay has were completed from the base as it was, and those that it has not come from the base as it is. */
    private static void check(OverlayHeader before, OverlayHeader now, Path base, Path file, boolean rebase) throws IOException {
        if (before.size() != now.size())
            throw new IOException("the overlay " + file + " belongs to an image of " + before.size() + " bytes, and " + base + " has " + now.size());
        if (before.baseChanged() != now.baseChanged() && !rebase)
            throw new IOException(base + " has been changed since the overlay " + file + " was used; if its content is what it was, add ,rebase");
    }

    private static void create(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            return;
        } catch (IOException e) {
            throw new IOException("the overlay " + file + " cannot be made: " + e, e);
        }
        Path folder = file.toAbsolutePath().getParent();
        try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
            entry.force(true); // so that the file has a name after a power failure
        } catch (IOException e) { // not every system lets us open folders
            LoggerFactory.getLogger(Overlays.class).debug("{} cannot be flushed", folder, e);
        }
    }

    /** Which boot of the host this is; where nobody tells, each call is one of its own. */
    private static UUID boot() {
        try {
            return UUID.fromString(Files.readString(BOOT_ID).strip());
        } catch (IOException | IllegalArgumentException e) {
            return UUID.randomUUID();
        }
    }
}
