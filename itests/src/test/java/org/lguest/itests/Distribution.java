package org.lguest.itests;

import static org.ops4j.pax.exam.CoreOptions.bootDelegationPackages;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ops4j.pax.exam.Option;

/** The unpacked distribution, and how Pax Exam starts it. */
final class Distribution {
    private static final int RUNNING = 50;

    private Distribution() { }

    /** Where it was unpacked. */
    static Path home() { return Path.of(System.getProperty("lguest.home")); }

    /** The jars of all start levels. */
    static List<Path> bundles() throws IOException {
        try (var files = Files.walk(home().resolve("bundle"))) {
            return files.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
        }
    }

    /** The platform with all its bundles; JUnit comes from the class path of the test's own JVM. */
    static Option[] options() throws IOException {
        List<Option> o = new ArrayList<>();
        o.add(frameworkStartLevel(RUNNING));
        o.add(property("org.osgi.framework.startlevel.beginning", String.valueOf(RUNNING)));
        o.add(property("org.osgi.framework.bundle.parent", "app"));
        o.add(bootDelegationPackages("org.junit.*", "org.opentest4j.*", "org.apiguardian.*", "org.HdrHistogram"));
        o.add(property("org.ops4j.pax.logging.DefaultServiceLog.level", "WARN"));
        o.add(property("org.ops4j.pax.logging.StaticLogbackFile", Path.of("src/test/resources/logback-it.xml").toAbsolutePath().toString()));
        o.add(property("felix.fileinstall.dir", home().resolve("load").toString()));
        o.add(property("felix.fileinstall.poll", "100"));
        o.add(property("felix.fileinstall.enableConfigSave", "false")); // as shipped: it would write over what was edited meanwhile
        o.add(property("felix.fileinstall.tmpdir", home().resolveSibling("fileinstall").toString()));
        for (Path jar : bundles()) {
            if (jar.getFileName().toString().contains("gogo.jline")) continue; // it reads standard input, which is Failsafe's
            int level = Integer.parseInt(jar.getParent().getFileName().toString());
            o.add(bundle("reference:" + jar.toUri()).startLevel(level));
        }
        return o.toArray(Option[]::new);
    }

    private static Option property(String key, String value) { return frameworkProperty(key).value(value); }
}
