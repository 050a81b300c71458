package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.part.Host;

/** A jar dropped into {@code load/} takes its seat under a running guest, and gives it back when it is deleted. */
@OnThePlatform
@Timeout(300)
class HotDeployIT {
    @Inject private Host host;

    @Test
    void aProcessorDroppedIntoTheFolderTakesOver() throws Exception {
        Path load = Distribution.home().resolve("load");
        Path ready = better(Distribution.bundles().stream().filter(j -> j.getFileName().toString().startsWith("org.lguest.cpu-")).findFirst().orElseThrow());
        Path jar = load.resolve("better-cpu.jar");
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            Files.move(ready, jar, StandardCopyOption.ATOMIC_MOVE);
            try {
                assertTrue(soon(() -> cpu(s).contains("org.lguest.cpu.better")), () -> cpu(s));
                assertTrue(s.puppy("echo with the new one").contains("with the new one"));
            } finally {
                Files.delete(jar);
            }
            assertTrue(soon(() -> !cpu(s).contains("better") && !cpu(s).contains("empty")), () -> cpu(s));
            assertTrue(s.puppy("echo with the old one").contains("with the old one"));
        }
    }

    private String cpu(Session s) { return host.seats(s.guest).stream().filter(l -> l.startsWith("cpu:")).findFirst().orElseThrow(); }

    private static boolean soon(BooleanSupplier condition) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); System.nanoTime() < end; LockSupport.parkNanos(5_000_000))
            if (condition.getAsBoolean()) return true;
        return condition.getAsBoolean();
    }

    /** The same bundle under another name, with components of higher rank; beside the folder that is watched. */
    private static Path better(Path jar) throws IOException {
        Path out = Distribution.home().resolve("better-cpu.new");
        try (JarFile in = new JarFile(jar.toFile())) {
            Manifest manifest = new Manifest(in.getManifest());
            manifest.getMainAttributes().putValue("Bundle-SymbolicName", "org.lguest.cpu.better");
            var bytes = new ByteArrayOutputStream();
            try (JarOutputStream to = new JarOutputStream(bytes, manifest)) {
                for (Enumeration<JarEntry> all = in.entries(); all.hasMoreElements();) copy(in, all.nextElement(), to);
            }
            return Files.write(out, bytes.toByteArray());
        }
    }

    private static void copy(JarFile in, JarEntry entry, JarOutputStream to) throws IOException {
        if (entry.isDirectory() || entry.getName().equals(JarFile.MANIFEST_NAME)) return;
        byte[] content = in.getInputStream(entry).readAllBytes();
        if (entry.getName().startsWith("OSGI-INF/") && entry.getName().endsWith(".xml"))
            content = new String(content, StandardCharsets.UTF_8)
                .replaceFirst("(<scr:component[^>]*>)", "$1<property name=\"service.ranking\" type=\"Integer\" value=\"100\"/>").getBytes(StandardCharsets.UTF_8);
        to.putNextEntry(new JarEntry(entry.getName()));
        to.write(content);
        to.closeEntry();
    }
}
