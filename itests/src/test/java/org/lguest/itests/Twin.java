package org.lguest.itests;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** The same bundle once more: another name, components of another rank, and nothing else. */
final class Twin {
    private Twin() { }

    /** Writes the twin of a bundle of the distribution. */
    static Path of(String bundle, String name, int ranking, Path to) throws IOException {
        Path jar = Distribution.bundles().stream().filter(j -> j.getFileName().toString().startsWith(bundle + "-")).findFirst().orElseThrow();
        try (JarFile in = new JarFile(jar.toFile()); OutputStream out = Files.newOutputStream(to)) {
            Manifest manifest = new Manifest(in.getManifest());
            manifest.getMainAttributes().putValue("Bundle-SymbolicName", name);
            try (JarOutputStream twin = new JarOutputStream(out, manifest)) {
                for (Enumeration<JarEntry> all = in.entries(); all.hasMoreElements();) copy(in, all.nextElement(), ranking, twin);
            }
        }
        return to;
    }

    private static void copy(JarFile in, JarEntry entry, int ranking, JarOutputStream to) throws IOException {
        if (entry.isDirectory() || entry.getName().equals(JarFile.MANIFEST_NAME) || entry.getName().startsWith("OSGI-OPT/")) return;
        byte[] content = in.getInputStream(entry).readAllBytes();
        if (entry.getName().startsWith("OSGI-INF/") && entry.getName().endsWith(".xml"))
            content = new String(content, StandardCharsets.UTF_8)
                .replaceFirst("(<scr:component[^>]*>)", "$1<property name=\"service.ranking\" type=\"Integer\" value=\"" + ranking + "\"/>")
                .getBytes(StandardCharsets.UTF_8);
        to.putNextEntry(new JarEntry(entry.getName()));
        to.write(content);
        to.closeEntry();
    }
}
