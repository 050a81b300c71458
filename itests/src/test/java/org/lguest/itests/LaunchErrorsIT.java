package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import javax.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Host;

/** What is wrong with a launch is told before there is a guest, in a sentence. */
@OnThePlatform
class LaunchErrorsIT {
    @Inject private Host host;
    private Path folder;

    @BeforeEach
    void folder() throws IOException { folder = Files.createTempDirectory("launch"); }

    @AfterEach
    void clean() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path f : files.toList()) Files.delete(f);
        }
        Files.delete(folder);
    }

    private void refused(int mib, Path kernel, Path initrd, String sentence, GuestSpec.Device... devices) {
        int before = host.guests().size();
        var spec = new GuestSpec(null, mib, kernel, initrd, "", List.of(devices), null);
        String message = assertThrows(LaunchException.class, () -> host.start(spec)).getMessage();
        assertTrue(message.contains(sentence), message);
        assertEquals(before, host.guests().size(), "a guest was left behind");
    }

    private Path file(String name, byte[] content) throws IOException { return Files.write(folder.resolve(name), content); }

    @Test
    void aMissingKernel() { refused(32, folder.resolve("vmlinux"), null, "does not exist"); }

    @Test
    void aKernelThatIsNone() throws IOException {
        byte[] noise = new byte[10_000];
        new Random(1).nextBytes(noise);
        refused(32, file("vmlinux", noise), null, "vmlinux");
    }

    @Test
    void aKernelThatBreaksOff() throws IOException {
        byte[] elf = new byte[84];
        byte[] head = {0x7F, 'E', 'L', 'F', 1, 1, 1};
        System.arraycopy(head, 0, elf, 0, head.length);
        elf[16] = 2;
        elf[18] = 3;
        elf[28] = 52;
        elf[42] = 32;
        elf[44] = 9;
        refused(32, file("vmlinux", elf), null, "vmlinux");
    }

    @Test
    void anInitrdThatBreaksOff() throws IOException {
        byte[] content = new byte[100_000];
        new Random(2).nextBytes(content);
        Path whole = folder.resolve("whole.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
            out.write(content);
        }
        byte[] bytes = Files.readAllBytes(whole);
        refused(32, null, file("initrd.gz", Arrays.copyOf(bytes, bytes.length / 2)), "initrd");
    }

    @Test
    void tooLittleMemory() { refused(1, null, null, "MiB"); }

    @Test
    void anInitrdThatDoesNotFit() throws IOException {
        byte[] large = new byte[40 << 20];
        new Random(3).nextBytes(large);
        refused(32, null, file("initrd.img", large), "MiB");
    }

    @Test
    void aMissingDisk() { refused(32, null, null, "does not exist", new GuestSpec.Device(DeviceType.BLOCK, "raw:" + folder.resolve("disk.img"))); }

    private static GuestSpec.Device card(String spec) { return new GuestSpec.Device(DeviceType.NET, spec); }

    @Test
    void aCardThatCannotBePluggedIn() throws IOException {
        refused(32, null, null, "there are: mac, pcap, share, socket, switch, tap, user", card("eth0:"));
        refused(32, null, null, "want switch:NAME", card("switch:"));
        refused(32, null, null, "start the peer first", card("socket:unix=" + folder.resolve("peer")));
        refused(32, null, null, "tap", card("tap:lo"));
        Path letter = file("letter", new byte[100]);
        refused(32, null, null, "is no pcapng capture", card("pcap:" + letter + ",switch:lan"));
        refused(32, null, null, "want mac:02:00:00:00:00:01,SPEC", card("mac:2,switch:lan"));
    }

    @Test
    void abackendThatNobodyProvides() { refused(32, null, null, "no backend 'cloud'", new GuestSpec.Device(DeviceType.BLOCK, "cloud:disk")); }

    @Test
    void anImageThatAnotherGuestWritesTo() throws Exception {
        Path image = file("disk.img", new byte[4096]);
        GuestSpec.Device disk = new GuestSpec.Device(DeviceType.BLOCK, "raw:" + image);
        try (Session s = Session.puppy(host, false, disk)) {
            s.await("puppy> ");
            refused(32, null, null, "the disk image " + image + " is in use by another guest", disk);
            refused(32, null, null, "in use", new GuestSpec.Device(DeviceType.BLOCK, "overlay:" + image));
        }
        Session.puppy(host, false, disk).close();
    }

    @Test
    void anOverlayThatIsNone() throws IOException {
        Path base = file("base.img", new byte[4096]);
        Path delta = file("delta", new byte[10_000]);
        refused(32, null, null, delta + " is no overlay", new GuestSpec.Device(DeviceType.BLOCK, "overlay:" + base + ",file=" + delta));
    }

    @Test
    void aLogOfTheConsoleInAFolderThatIsNot() {
        refused(32, null, null, "there is no folder", new GuestSpec.Device(DeviceType.CONSOLE, "hub:log=" + folder.resolve("logs/console")));
    }

    @Test
    void aNetworkThatNobodyProvides() { refused(32, null, null, "no backend 'carrier-pigeon'", new GuestSpec.Device(DeviceType.NET, "carrier-pigeon:")); }

    @Test
    void aForwardedPortInUseAndOptionsOfTheUserNetworkThatMakeNoSense() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            refused(32, null, null, "TCP port " + port + " of 127.0.0.1 cannot be forwarded",
                new GuestSpec.Device(DeviceType.NET, "user:hostfwd=tcp:" + port + "-:22"));
        }
        refused(32, null, null, "is no option of the user network", new GuestSpec.Device(DeviceType.NET, "user:smb=on"));
    }
}
