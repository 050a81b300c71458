package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.Generation;
import org.lguest.api.Life;
import org.lguest.api.part.KernelSource;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.SegmentState;

class LguestLauncherTest {
    private static final String LINUX = "Linux version 3.11.10 (a@b) lguest";

    @TempDir
    Path dir;

    private final FakeHost host = new FakeHost();

    @AfterEach
    void close() { host.close(); }

    private Path file(String name, byte[] bytes) throws IOException { return Files.write(dir.resolve(name), bytes); }

    private Path elf() throws IOException { return file("vmlinux", ElfFile.kernel(0x1000000, LINUX)); }

    private static GuestSpec spec(int mib, Path kernel, Path initrd, String commandLine) {
        return new GuestSpec("g", mib, kernel, initrd, commandLine, List.of(), null);
    }

    private Guest launch(GuestSpec spec, KernelSource... sources) throws LaunchException {
        return new LguestLauncher(host, List.of(sources)).launch(spec);
    }

    private void refused(String sentence, GuestSpec spec, KernelSource... sources) {
        String message = assertThrows(LaunchException.class, () -> launch(spec, sources)).getMessage();
        assertEquals(sentence, message);
        assertTrue(host.seen.isEmpty(), "it never came to the host");
    }

    private record Source(String name, byte[] bytes) implements KernelSource {
        @Override
        public InputStream open() throws IOException {
            if (bytes == null) throw new IOException("the disk is on fire");
            return new ByteArrayInputStream(bytes);
        }
    }

    @Test
    void registersAreAsTheAbiSays() throws Exception {
        CpuState c = launch(spec(32, elf(), null, "")).cpu();
        assertEquals(0x1000000, c.eip);
        assertEquals(0x202, c.eflags);
        assertEquals(1, c.cpl);
        for (int r : c.gpr) assertEquals(0, r);
        int[] selectors = {0x69, 0x61, 0x69, 0x69, 0, 0}; // es cs ss ds fs gs
        for (int s = 0; s < 6; s++) {
            assertEquals(selectors[s], c.seg[s].selector);
            assertEquals(selectors[s] != 0, c.seg[s].usable());
        }
        assertTrue(c.seg[SegmentState.SS].flatData() && c.seg[SegmentState.CS].code() && c.seg[SegmentState.CS].limit == -1);
        assertNull(c.check());
    }

    @Test
    void theGuestIsLoadedAdmittedAndDoesNotRun() throws Exception {
        Guest g = launch(spec(32, elf(), null, ""));
        assertEquals(List.of(g), host.admitted);
        assertEquals(Life.CREATED, g.life());
        assertEquals("Linux version", g.memory().string(0x1000040, 13));
        assertTrue(g.roots().linear, "until LGUEST_INIT");
        assertFalse(g.roots().pae);
        assertEquals((32 << 20) - 4096, g.roots().first);
        assertEquals(0xC0000000, g.roots().kernelAddress);
        assertEquals(32 << 20, g.devicePage().address());
        assertEquals("kernel " + dir.resolve("vmlinux") + ": Linux 3.11.10 (ELF, entry 0x1000000), 4 KiB; 32 MiB; first page tables at 0x1ff7000",
            g.log().events().getLast().text());
    }

    @Test
    void theBootPageOfAnElfFileHasTheFieldsOfTheAbi() throws Exception {
        byte[] initrd = InitrdTest.archive("init");
        GuestMemory m = launch(spec(32, elf(), file("initrd", initrd), "console=hvc0 root=/dev/vda")).memory();
        assertEquals(1, m.load8(0x1E8));
        assertEquals(0x0207, m.load16(0x206));
        assertEquals(0xFF, m.load8(0x210));
        assertEquals(0x40, m.load8(0x211));
        assertEquals((32 << 20) - 4096, m.load32(0x218));
        assertEquals(4096, m.load32(0x21C));
        assertEquals(0x1000, m.load32(0x228));
        assertEquals(0x1000000, m.load32(0x230));
        assertEquals(1, m.load32(0x23C));
        assertEquals(0, m.load64(0x2D0));
        assertEquals(32 << 20, m.load64(0x2D8));
        assertEquals(1, m.load32(0x2E0));
        assertEquals("console=hvc0 root=/dev/vda", m.string(0x1000, 4096));
        byte[] there = new byte[initrd.length];
        m.read((32 << 20) - 4096, there, 0, there.length);
        org.junit.jupiter.api.Assertions.assertArrayEquals(initrd, there);
        var fields = List.of(0x1E8, 0x206, 0x207, 0x210, 0x211, 0x219, 0x21A, 0x21B, 0x21D, 0x229, 0x233, 0x23C, 0x2DB, 0x2E0);
        assertEquals(fields, java.util.stream.IntStream.range(0, 0x1000).filter(a -> m.load8(a) != 0).boxed().toList(),
            "the rest of the page is zero");
    }

    @Test
    void withoutInitrdItsFieldsAreZero() throws Exception {
        GuestMemory m = launch(spec(32, elf(), null, "")).memory();
        assertEquals(0, m.load8(0x210));
        assertEquals(0, m.load64(0x218));
        assertEquals("", m.string(0x1000, 10));
    }

    @Test
    void theBootPageOfABzImageBeginsWithItsSetupHeader() throws Exception {
        byte[] image = BzImageFile.of(0x20C, Packers.payload(Compression.GZIP, ElfFile.kernel(0x1000000, LINUX)));
        GuestMemory m = launch(spec(32, file("bzImage", image), null, "")).memory();
        assertEquals(0x53726448, m.load32(0x202));
        assertEquals(0x200000, m.load32(0x230), "its own alignment");
        assertEquals(0x41, m.load8(0x211), "its own flags and KEEP_SEGMENTS");
        assertEquals(0x3E0000, m.load32(0x260));
        assertEquals(0x0207, m.load16(0x206));
        assertEquals(0, m.load16(0x1F2), "root is not read-only because the image's builder liked it so");
        assertEquals(0, m.load16(0x1FC), "nor on the builder's disk");
        assertEquals(0, m.load8(0x1F0), "what is before the header stays away");
        assertEquals(0, m.load8(0x268), "and what is behind");
        assertEquals("Linux version", m.string(0x1000040, 13));
    }

    @Test
    void aSelfUnpackingBzImageStartsAt1MiB() throws Exception {
        byte[] image = BzImageFile.of(0x207, Packers.payload(Compression.GZIP, ElfFile.kernel(0x100000, LINUX)));
        Guest g = launch(spec(32, file("bzImage", image), null, ""));
        assertEquals(0x100000, g.cpu().eip);
        assertEquals(0xFC, g.memory().load8(0x100000));
    }

    @Test
    void paeIsWhatTheUserSaysOrElseWhatTheImageSays() throws Exception {
        Path pae = file("pae", ElfFile.kernel(0x1000000, LINUX + "\0*pdpt = %016Lx "));
        assertTrue(launch(spec(32, pae, null, "")).roots().pae);
        Guest other = launch(new GuestSpec("g", 32, pae, null, "", List.of(), false));
        assertFalse(other.roots().pae);
        assertTrue(other.log().events().getFirst().text().contains("looks like a PAE kernel, and it was asked to run as the other kind"));
        assertTrue(launch(new GuestSpec("g", 32, elf(), null, "", List.of(), true)).roots().pae);
    }

    @Test
    void noKernelMeansTheBundledOneOfThatKind() throws Exception {
        var two = new Source("puppy", ElfFile.kernel(0x100000, "puppy"));
        var three = new Source("puppy-pae", ElfFile.kernel(0x200000, "puppy"));
        assertEquals(0x100000, launch(spec(8, null, null, ""), three, two).cpu().eip);
        Guest pae = launch(new GuestSpec("g", 8, null, null, "", List.of(), true), two, three);
        assertEquals(0x200000, pae.cpu().eip);
        assertTrue(pae.roots().pae);
    }

    @Test
    void theBundledKernelMayBeMissingEmptyOrUnreadable() {
        refused("no kernel was named, and no bundle offers the kernel puppy; name a vmlinux or bzImage, or install the bundle org.lguest.guest",
            spec(8, null, null, ""));
        refused("the bundled kernel puppy is empty: its bundle was built without the image", spec(8, null, null, ""),
            new Source("puppy", new byte[0]));
        refused("the bundled kernel puppy cannot be read: the disk is on fire", spec(8, null, null, ""), new Source("puppy", null));
    }

    @Test
    void missingEmptyAndWrongFilesAreNamed() throws Exception {
        Path none = dir.resolve("none");
        refused("kernel " + none + " does not exist; check the path", spec(32, none, null, ""));
        refused("initrd " + none + " does not exist; check the path", spec(32, elf(), none, ""));
        refused("kernel " + dir + " is a directory; name a file", spec(32, dir, null, ""));
        Path device = Path.of("/dev/null");
        refused("kernel " + device + " is a device or a pipe, which cannot be mapped; name a file", spec(32, device, null, ""));
        Path empty = file("empty", new byte[0]);
        refused("kernel " + empty + " is empty; give a file with content", spec(32, empty, null, ""));
        refused("initrd " + empty + " is empty; give a file with content", spec(32, elf(), empty, ""));
    }

    @Test
    void memoryOutOfRangeIsRefusedBeforeAnyFileIsOpened() {
        refused("a guest cannot have 2 MiB of RAM; give it 4 to 3072 MiB", spec(2, dir.resolve("none"), null, ""));
    }

    @Test
    void tooLittleMemoryIsToldHowMuchIsNeeded() throws Exception {
        refused("16 MiB of RAM is too little: the kernel runs at 16 MiB and reaches up to 16.1 MiB; give the guest at least 32 MiB",
            spec(16, elf(), null, ""));
    }

    @Test
    void aDamagedInitrdIsRefused() throws Exception {
        Path initrd = file("initrd", java.util.Arrays.copyOf(Packers.pack(Compression.GZIP, Sample.bytes()), 700));
        refused("initrd " + initrd + " is truncated: its gzip data ends too early; copy it again", spec(32, elf(), initrd, ""));
    }

    @Test
    void theCommandLineHasTheLengthThatTheKernelTakes() throws Exception {
        String longest = "x".repeat(2047);
        assertEquals(longest, launch(spec(32, elf(), null, longest)).memory().string(0x1000, 4096));
        host.seen.clear();
        refused("the command line has 2048 bytes, and the kernel takes 2047; shorten it", spec(32, elf(), null, longest + "x"));
        byte[] image = BzImageFile.of(0x20C, Packers.payload(Compression.GZIP, ElfFile.kernel(0x1000000, LINUX)));
        refused("the command line has 512 bytes, and the kernel takes 511; shorten it", spec(32, file("bzImage", image), null, "y".repeat(512)));
        refused("the command line has a NUL in it, which would end it there; leave it out", spec(32, elf(), null, "a\0b"));
    }

    @Test
    void kernelsThatCannotBeGuestsAreRefused() throws Exception {
        Path plain = file("plain", ElfFile.kernel(0x1000000, "Linux version 3.11.10 (a@b)"));
        refused("kernel " + plain + " is Linux 3.11.10 without lguest support; build it with CONFIG_LGUEST_GUEST=y", spec(32, plain, null, ""));
        Path old = file("old", ElfFile.kernel(0x1000000, "Linux version 2.6.22 (a@b) lguest"));
        refused("kernel " + old + " is Linux 2.6.22, which is older than lguest; use 2.6.23 to 3.19", spec(32, old, null, ""));
        Path unmarked = file("unmarked", ElfFile.kernel(0x1000000, "Linux version 2.6.23 (a@b)"));
        refused("kernel " + unmarked + " is Linux 2.6.23 without lguest support, or a copy that broke off; build it with CONFIG_LGUEST_GUEST=y",
            spec(32, unmarked, null, ""));
        Path late = file("late", ElfFile.kernel(0x1000000, "Linux version 4.14.3 (a@b) lguest"));
        refused("kernel " + late + " is Linux 4.14.3, and lguest was removed in 4.14; use 2.6.23 to 3.19", spec(32, late, null, ""));
    }

    @Test
    void theReleaseInTheImageSaysInWhichFormTheKernelReadsItsDevices() throws Exception {
        for (String release : List.of("2.6.24.7-lguest", "2.6.25", "2.6.29.6", "3.2.65", "4.9.154")) {
            Guest g = launch(spec(32, file(release, ElfFile.kernel(0x1000000, "Linux version " + release + " (a@b) lguest")), null, ""));
            Generation expected = switch (release) {
                case "2.6.24.7-lguest" -> Generation.LINUX_2_6_24;
                case "2.6.25" -> Generation.LINUX_2_6_25;
                case "2.6.29.6" -> Generation.LINUX_2_6_27;
                default -> Generation.LINUX_3_1;
            };
            assertEquals(expected, g.expected(), release);
        }
    }

    @Test
    void doubtsGoToTheGuestsLog() throws Exception {
        Guest g = launch(spec(32, file("four", ElfFile.kernel(0x1000000, "Linux version 4.9.154 (a@b) lguest")), null, ""));
        assertTrue(g.log().events().getFirst().text().startsWith("Linux 4.9.154 looks for its devices on a PCI bus"));
    }

    @Test
    void whenTheHostRefusesTheMemoryIsGivenBack() throws Exception {
        host.refusal = "no backend for raw:/nowhere";
        Path kernel = elf();
        assertEquals(host.refusal, assertThrows(LaunchException.class, () -> launch(spec(32, kernel, null, ""))).getMessage());
        assertFalse(host.seen.getFirst().memory().segment().scope().isAlive());
    }

    @Test
    void theFilesAreLetGoWhenTheGuestIsMade() throws Exception {
        Path kernel = elf();
        Guest g = launch(spec(32, kernel, null, ""));
        Files.write(kernel, new byte[4608]);
        assertEquals("Linux version", g.memory().string(0x1000040, 13), "it has a copy");
    }

    /** A kernel whose bundle is updated while it is being read. */
    private static KernelSource leaving(List<KernelSource> sources, KernelSource... successors) {
        return new KernelSource() {
            @Override
            public String name() { return KernelSource.PUPPY; }

            @Override
            public InputStream open() {
                sources.clear();
                sources.addAll(List.of(successors));
                throw new IllegalStateException("its jar is closed");
            }
        };
    }

    @Test
    void whoIsUpdatedWhileItsKernelIsReadHasASuccessorOrNone() throws Exception {
        List<KernelSource> sources = new CopyOnWriteArrayList<>();
        sources.add(leaving(sources, new Source(KernelSource.PUPPY, ElfFile.kernel(0x1000000, LINUX))));
        Guest g = new LguestLauncher(host, sources).launch(spec(32, null, null, ""));
        assertEquals(List.of(g), host.admitted);
        sources.clear();
        sources.add(leaving(sources));
        String message = assertThrows(LaunchException.class, () -> new LguestLauncher(host, sources).launch(spec(32, null, null, ""))).getMessage();
        assertTrue(message.startsWith("no kernel was named, and no bundle offers the kernel puppy;"), message);
    }
}
