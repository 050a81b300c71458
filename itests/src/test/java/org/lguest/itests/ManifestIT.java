package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Dependencies point one way: everything to the API, devices to virtio, and nobody to a provider. */
class ManifestIT {
    private static final Pattern PACKAGE = Pattern.compile("org\\.lguest\\.[a-z.]+");

    private static List<String> ours(String header) {
        List<String> names = new ArrayList<>();
        if (header == null) return names;
        String unquoted = header.replaceAll("\"[^\"]*\"", "");
        for (Matcher m = PACKAGE.matcher(unquoted); m.find();) names.add(m.group());
        return names;
    }

    @Test
    void noArrowPointsElsewhere() throws IOException {
        List<String> wrong = new ArrayList<>();
        int bundles = 0;
        for (Path jar : Distribution.bundles()) {
            try (JarFile f = new JarFile(jar.toFile())) {
                var main = f.getManifest().getMainAttributes();
                String name = main.getValue("Bundle-SymbolicName");
                if (name == null || !name.startsWith("org.lguest.")) continue;
                bundles++;
                List<String> exports = ours(main.getValue("Export-Package"));
                for (String p : ours(main.getValue("Import-Package"))) {
                    boolean allowed = exports.contains(p) || p.startsWith("org.lguest.api") && !name.equals("org.lguest.api")
                        || p.equals("org.lguest.virtio") && name.startsWith("org.lguest.device.");
                    if (!allowed) wrong.add(name + " -> " + p);
                }
            }
        }
        assertTrue(bundles >= 12, "only " + bundles + " bundles of ours in the distribution");
        assertEquals(List.of(), wrong);
    }
}
