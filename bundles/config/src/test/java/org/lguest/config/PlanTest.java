package org.lguest.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.api.Farewell;
import org.lguest.api.GuestSpec;
import org.lguest.api.Limits;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.state.Rate;
import org.lguest.config.RestartPolicy.When;
import org.lguest.shell.Reader;

/** What configurations mean. */
class PlanTest {
    private static final String PID = "org.lguest.guest.4711", FILE = "file:/etc/lguest/org.lguest.guest-rex.cfg";

    private static Settings settings(String file, Map<String, ?> values) {
        Hashtable<String, Object> t = new Hashtable<>(values);
        t.put("service.pid", PID);
        t.put("service.factoryPid", GuestConfiguration.PID);
        if (file != null) t.put("felix.fileinstall.filename", file);
        return Settings.of(PID, t);
    }

    private static Plan plan(Map<String, ?> values) throws RefusedException { return Plan.of(settings(FILE, values), new Reader(List::of)); }

    @Test
    void anEmptyFileIsPuppyUnderTheNameOfTheFile() throws Exception {
        Plan p = plan(Map.of());
        assertEquals(new GuestSpec("rex", 32, null, null, "", List.of(), null), p.spec());
        assertEquals(new RestartPolicy(When.ON_CRASH, Duration.ofSeconds(1), 2, Duration.ofMinutes(5), Duration.ofMinutes(10)), p.policy());
        assertTrue(p.autostart());
    }

    @Test
    void everyKeyIsAnOptionOfThatName() throws Exception {
        GuestSpec s = plan(Map.ofEntries(Map.entry("name", "fido"), Map.entry("memory", "64"), Map.entry("kernel", "vmlinux"), Map.entry("initrd", "rootfs.gz"),
            Map.entry("command-line", "root=/dev/vda --quiet  x=\"a b\""), Map.entry("block.2", "data.img,ro,rate=1M"), Map.entry("block.1", "root.img"),
            Map.entry("block.10", "mem:1M"), Map.entry("net", new String[] {"user", "switch:lan"}), Map.entry("rng", true), Map.entry("pae", "true"),
            Map.entry("cpu", 25), Map.entry("prefer.block0.backend", "other"), Map.entry("shutdown", "poweroff"), Map.entry("grace", "20"))).spec();
        Path at = Path.of("/etc/lguest");
        assertEquals(new GuestSpec("fido", 64, at.resolve("vmlinux"), at.resolve("rootfs.gz"), "root=/dev/vda --quiet  x=\"a b\"",
            List.of(new GuestSpec.Device(DeviceType.BLOCK, "raw:/etc/lguest/root.img"), new GuestSpec.Device(DeviceType.BLOCK, "raw:/etc/lguest/data.img,ro"),
                new GuestSpec.Device(DeviceType.BLOCK, "mem:1M"), new GuestSpec.Device(DeviceType.NET, "user:"), new GuestSpec.Device(DeviceType.NET, "switch:lan"),
                new GuestSpec.Device(DeviceType.RNG, "host:")),
            true, Limits.NONE.cpu(25).device(1, new Rate(1 << 20, 0)), Map.of("block0.backend", "other"), null, new Farewell("poweroff", 20)), s);
    }

    @Test
    void anEngineIsWantedInTheProcessorsSeat() throws Exception {
        assertEquals(Map.of("cpu", "tiered"), plan(Map.of("engine", "tiered")).spec().seats());
        RefusedException e = assertThrows(RefusedException.class, () -> Plan.of(settings(FILE, Map.of("engine", "steam")),
            new Reader(() -> List.of("interpreter", "tiered"))));
        assertTrue(e.getMessage().contains("there is no engine 'steam'; there are: interpreter, tiered"), e.getMessage());
    }

    @Test
    void falseAndNothingSayNothing() throws Exception {
        assertTrue(plan(Map.of()).means(plan(Map.of("rng", "false", "pae", "false", "initrd", "", "memory", " "))));
        assertFalse(plan(Map.of("autostart", "false")).autostart());
    }

    @Test
    void whatComesFromNoFileGoesByItsPid() throws Exception {
        assertEquals(PID, settings(null, Map.of()).origin());
        assertEquals(null, Plan.of(settings(null, Map.of()), new Reader(List::of)).spec().name());
        assertEquals("rex", Settings.of("org.lguest.guest~rex", new Hashtable<>(Map.of("a", "b"))).name());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"memory | 0", "memory | lots", "cpu | 200", "block | a,rate=x", "blok | a.img", "rng | maybe", "grace | -1",
        "restart | often", "restart-delay | 5 days", "restart-factor | 0.5", "restart-most | -1s", "restart-reset | soon", "autostart | perhaps", "attach | true",
        "help | true", "tunnet | nowhere", "prefer | cpu"})
    void aWrongValueIsNamedWithFileAndKey(String key, String value) {
        String sentence = assertThrows(RefusedException.class, () -> plan(Map.of(key, value))).getMessage();
        assertTrue(sentence.startsWith("org.lguest.guest-rex.cfg: " + key + " = " + value + ": "), sentence);
    }

    @Test
    void delaysGrowUntilTheyAreLongEnough() throws Exception {
        RestartPolicy p = plan(Map.of("restart-delay", "500ms", "restart-factor", "4", "restart-most", "1m")).policy();
        assertEquals(List.of(500L, 2000L, 8000L, 32_000L, 60_000L, 60_000L), List.of(0, 1, 2, 3, 4, 5_000).stream().map(n -> p.delay(n).toMillis()).toList());
    }
}
