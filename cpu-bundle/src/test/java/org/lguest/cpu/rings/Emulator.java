package org.lguest.cpu.rings;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A PC of software as a recorder, second best to silicon: Bochs, which checks everything that a processor checks, or QEMU, which
 * leaves out limits and some more. It boots the {@link Monitor} from a disk of ours and writes results to its debugging port.
 */
record Emulator(String name, List<String> command, Map<String, String> files) implements Recorder {
    private static final int PORT = 0xE9, SECTORS = 63 * 16 * 20;

    /** Bochs with a processor of the i686 family. */
    static Emulator bochs() {
        return new Emulator("Bochs, cpu model p3_katmai", List.of("unshare", "-rn", "bochs", "-q", "-f", "rc", "-rc", "go"), Map.of("go", "c\n", "rc", """
            megs: 32
            romimage: file=/usr/share/bochs/BIOS-bochs-latest
            vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
            cpu: model=p3_katmai, count=1, ips=200000000, reset_on_triple_fault=0
            ata0-master: type=disk, mode=flat, path=disk, cylinders=20, heads=16, spt=63
            boot: disk
            port_e9_hack: enabled=1
            display_library: rfb, options="timeout=0"
            log: log
            """));
    }

    /** QEMU's translator. */
    static Emulator qemu() {
        return new Emulator("QEMU, cpu model pentium3", List.of("qemu-system-i386", "-cpu", "pentium3", "-m", "32", "-display", "none", "-net", "none",
            "-drive", "file=disk,format=raw,if=ide", "-debugcon", "stdio", "-monitor", "none", "-serial", "none"), Map.of());
    }

    @Override
    public List<Outcome> run(List<Case> cases) throws IOException {
        List<Outcome> all = new ArrayList<>();
        while (all.size() < cases.size()) {
            int n = Monitor.fitting(cases, all.size());
            all.addAll(boot(cases.subList(all.size(), all.size() + n)));
        }
        return all;
    }

    private List<Outcome> boot(List<Case> cases) throws IOException {
        Path folder = Files.createTempDirectory("rings");
        byte[] disk = new byte[SECTORS * 512];
        byte[] boot = Monitor.code("boot.hex");
        System.arraycopy(boot, 0, disk, 0, boot.length);
        disk[510] = 0x55;
        disk[511] = (byte) 0xAA;
        byte[] image = Monitor.image(cases, PORT);
        System.arraycopy(image, 0, disk, 512, image.length);
        Files.write(folder.resolve("disk"), disk);
        for (var f : files.entrySet()) Files.writeString(folder.resolve(f.getKey()), f.getValue());
        Process p = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        p.getOutputStream().close();
        Thread.ofVirtual().start(() -> giveUp(p));
        String text = untilEnd(p.getInputStream());
        p.destroyForcibly();
        List<Outcome> outcomes = Monitor.outcomes(cases, Monitor.letters(text));
        for (String f : List.of("disk", "disk.lock", "log", "rc", "go")) Files.deleteIfExists(folder.resolve(f));
        Files.deleteIfExists(folder);
        return outcomes;
    }

    /** A case may hang the machine. */
    private static void giveUp(Process p) {
        try {
            if (!p.waitFor(20, TimeUnit.SECONDS)) p.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String untilEnd(InputStream in) throws IOException {
        var out = new ByteArrayOutputStream();
        byte[] b = new byte[1 << 16];
        for (int n; (n = in.read(b)) > 0;) {
            out.write(b, 0, n);
            String tail = new String(b, 0, n, StandardCharsets.ISO_8859_1);
            if (tail.contains("}") && out.toString(StandardCharsets.ISO_8859_1).contains("}}}")) break;
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
