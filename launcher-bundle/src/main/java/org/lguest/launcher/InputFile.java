package org.lguest.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Supplier;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.KernelSource;

/**
 * The bytes of an input file, mapped for as long as its arena lives.
 *
 * @param name  for messages
 * @param bytes read-only, not empty
 */
record InputFile(String name, MemorySegment bytes) {
    /** Opens the kernel of a spec: a file, or one that a bundle brings along, of those that are there at the moment. */
    static InputFile kernel(GuestSpec spec, Supplier<List<KernelSource>> sources, Arena arena) throws LaunchException {
        if (spec.kernel() == null) return bundled(Boolean.TRUE.equals(spec.pae()) ? KernelSource.PUPPY_PAE : KernelSource.PUPPY, sources);
        String word = spec.kernel().toString();
        boolean named = sources.get().stream().anyMatch(s -> s.name().equals(word)) && !Files.exists(spec.kernel());
        return named ? bundled(word, sources) : map("kernel", spec.kernel(), arena);
    }

    private static InputFile bundled(String wanted, Supplier<List<KernelSource>> sources) throws LaunchException {
        for (KernelSource s; (s = named(wanted, sources.get())) != null;) {
            try (InputStream in = s.open()) {
                byte[] bytes = in.readAllBytes();
                if (bytes.length == 0)
                    throw new LaunchException("the bundled kernel " + wanted + " is empty: its bundle was built without the image");
                return new InputFile("the bundled kernel " + wanted, MemorySegment.ofArray(bytes).asReadOnly());
            } catch (IOException | RuntimeException e) { // whoever left meanwhile took his images along, or has a successor
                if (s == named(wanted, sources.get())) throw new LaunchException("the bundled kernel " + wanted + " cannot be read: " + e.getMessage(), e);
            }
        }
        throw new LaunchException("no kernel was named, and no bundle offers the kernel " + wanted
            + "; name a vmlinux or bzImage, or install the bundle org.lguest.guest");
    }

    private static KernelSource named(String name, List<KernelSource> sources) {
        return sources.stream().filter(s -> s.name().equals(name)).findFirst().orElse(null);
    }

    /**
     * Maps a file.
     *
     * @param role what it is to be, for messages
     */
    static InputFile map(String role, Path path, Arena arena) throws LaunchException {
        String name = role + " " + path;
        if (Files.isDirectory(path)) throw new LaunchException(name + " is a directory; name a file");
        if (Files.exists(path) && !Files.isRegularFile(path)) throw new LaunchException(name + " is a device or a pipe, which cannot be mapped; name a file");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = file.size();
            if (size == 0) throw new LaunchException(name + " is empty; give a file with content");
            return new InputFile(name, file.map(FileChannel.MapMode.READ_ONLY, 0, size, arena));
        } catch (NoSuchFileException e) {
            throw new LaunchException(name + " does not exist; check the path", e);
        } catch (AccessDeniedException e) {
            throw new LaunchException(name + " may not be read; check its permissions", e);
        } catch (IOException e) {
            throw new LaunchException(name + " cannot be read: " + e.getMessage(), e);
        }
    }
}
