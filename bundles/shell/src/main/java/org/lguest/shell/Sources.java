package org.lguest.shell;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Finds the stations of the journey: in the bundles that are installed, and in the jar from which the platform was started, which is no bundle. */
final class Sources {
    private static final String FOLDER = "OSGI-OPT/src";
    private static final String OURS = "org.lguest.";

    private final List<Station> found = new ArrayList<>();

    private Sources() { }

    /** All stations, in the order of the journey. */
    static List<Station> stations(BundleContext context) throws IOException {
        Sources s = new Sources();
        for (Bundle b : context.getBundles()) if (b.getSymbolicName().startsWith(OURS)) s.bundle(b);
        String home = context.getProperty("lguest.home");
        if (home != null) s.library(Path.of(home, "lib"));
        Collections.sort(s.found);
        return s.found;
    }

    private void bundle(Bundle bundle) throws IOException {
        Enumeration<URL> files = bundle.findEntries(FOLDER, "*.*", true);
        if (files == null) return;
        for (URL file : Collections.list(files)) read(file.getPath(), file::openStream);
    }

    private void library(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return;
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, OURS + "*.jar")) {
            for (Path jar : jars) {
                try (JarFile f = new JarFile(jar.toFile())) {
                    for (JarEntry e : Collections.list(f.entries())) if (e.getName().startsWith(FOLDER)) read(e.getName(), () -> f.getInputStream(e));
                }
            }
        }
    }

    private interface Content {
        InputStream open() throws IOException;
    }

    private void read(String path, Content content) throws IOException {
        if (!path.matches(".*\\.(java|c|h|S)")) return;
        String file = path.substring(path.indexOf(FOLDER) + FOLDER.length() + 1);
        String where = file.endsWith(".java") ? file.substring(0, file.length() - 5).replace('/', '.') : file;
        try (InputStream in = content.open()) {
            found.addAll(Station.in(new String(in.readAllBytes(), StandardCharsets.UTF_8), where.replace(".package-info", "")));
        }
    }
}
