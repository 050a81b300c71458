package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Parts;
import org.lguest.api.part.SharedPage;
import org.lguest.api.state.ClockState;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.DeviceState;

/** What the families of hypercalls owe to guests (ABI sections 3.3, 3.4, 7.3, 11.5 and the texts of section 9). */
public abstract class HypercallsContract {
    private static final int DATA = 0x2400, CODE = 0x100000, TEXT = 0x5000;
    private static final long WALL = 1_234_567_890_987_654_321L;

    /** All five families, new ones for each test. */
    protected abstract List<HypercallFamily> families();

    private final PlainMmu mmu = new PlainMmu();
    private final ManualClock clock = new ManualClock(WALL);
    private final RecordingHost host = new RecordingHost();
    private final Parts parts = TestGuests.parts(null, mmu, null, clock, families(), host);
    private Guest guest;

    @BeforeEach
    void start() { use(TestGuests.of(8)); }

    private void use(Guest g) {
        close();
        guest = g;
        clock.adopt(g);
        mmu.adopt(g);
        for (HypercallFamily f : parts.families().values()) f.adopt(g);
    }

    @AfterEach
    void close() {
        if (guest == null) return;
        for (HypercallFamily f : parts.families().values()) f.release(guest);
        clock.release(guest);
        guest.memory().close();
        guest = null;
    }

    private void call(Hypercall call, int... a) {
        int[] all = java.util.Arrays.copyOf(a, 4);
        parts.family(call).perform(guest, parts, call, all[0], all[1], all[2], all[3]);
    }

    private void killed(String reason) { ended(Ending.Kind.KILLED, reason); }

    private void ended(Ending.Kind kind, String reason) {
        assertNotNull(guest.endingNow(), "alive, and should have ended: " + reason);
        assertEquals(new Ending(kind, reason), guest.endingNow());
    }

    private void text(int at, String s) {
        byte[] b = (s + "\0").getBytes(StandardCharsets.ISO_8859_1);
        guest.memory().write(at, b, 0, b.length);
    }

    /** Makes the guest trap for LGUEST_INIT as a kernel of this generation does. */
    private void traps(Generation g) {
        TestGuests.layOutData(guest, g, DATA);
        boolean vmcall = g == Generation.LINUX_2_6_30;
        int register = g.argumentRegister(1);
        guest.memory().store8(CODE, 0xB8);
        guest.memory().store32(CODE + 1, 1);
        guest.memory().store8(CODE + 5, 0xB8 + register);
        guest.memory().store32(CODE + 6, DATA);
        guest.memory().store8(CODE + 10, vmcall ? 0x0F : 0xCD);
        guest.memory().store8(CODE + 11, vmcall ? 0x01 : 0x1F);
        guest.memory().store8(CODE + 12, vmcall ? 0xC1 : 0x90);
        guest.cpu().gpr[CpuState.EAX] = 1;
        guest.cpu().gpr[register] = DATA;
        guest.cpu().eip = CODE + (vmcall ? 13 : 12);
        guest.ring().byVmcall = vmcall;
    }

    private int data(int offset) { return guest.memory().load32(DATA + offset); }

    @Test
    void everyCallHasAFamilyThatKnowsIt() {
        assertEquals(EnumSet.allOf(Hypercall.Family.class), EnumSet.copyOf(parts.families().keySet()));
        for (Hypercall.Family f : Hypercall.Family.values()) assertEquals(f, parts.families().get(f).family());
        for (Hypercall c : Hypercall.values()) {
            for (Hypercall.Family f : Hypercall.Family.values()) {
                if (f == c.family()) continue;
                use(TestGuests.of(1));
                parts.families().get(f).perform(guest, parts, c, 0, 0, 0, 0);
                assertTrue(guest.dead(), c + " given to " + f);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void initRecognisesTheGenerationAndIntroducesTheHost(Generation g) {
        guest.expect(g); // releases that differ in their devices only
        guest.roots().first = 0x200000;
        traps(g);
        call(Hypercall.LGUEST_INIT);
        assertNull(guest.endingNow());
        assertEquals(g, guest.data().generation());
        assertEquals(DATA, guest.data().address());
        Generation.Layout l = g.layout();
        assertEquals(1_000_000, data(l.tscKhz()));
        if (l.time() >= 0) {
            assertEquals(WALL / 1_000_000_000, data(Generation.Layout.TIME_SEC));
            assertEquals(WALL % 1_000_000_000, data(Generation.Layout.TIME_NSEC));
        } else assertEquals(-1, data(Generation.Layout.TIME_SEC), "the ring's own bytes, where others have the time");
        assertEquals(0x400000, data(l.reserveMem()));
        assertEquals(0xC0000000, guest.roots().kernelAddress);
        assertEquals(0xC0001000, guest.data().noirqStart);
        assertEquals(0xC0001010, guest.data().noirqEnd);
        assertTrue(mmu.calls.contains("flushAll"));
        assertEquals(!g.firstPageTable(), guest.roots().linear);
        if (g.firstPageTable()) {
            if (l.pgdir() >= 0) assertEquals(0x200000, data(l.pgdir()));
            assertEquals(0x200000, guest.roots().current);
        } else assertEquals(0xC0001000, data(l.tscKhz() + 4), "the guest's own word behind tsc_khz is left alone");
    }

    @Test
    void initTellsApartWhatOnlyTheRegisterTells() {
        traps(Generation.LINUX_2_6_27);
        guest.cpu().gpr[CpuState.EBX] = DATA; // by accident
        call(Hypercall.LGUEST_INIT);
        assertEquals(Generation.LINUX_2_6_27, guest.data().generation());
        use(TestGuests.of(8));
        traps(Generation.LINUX_2_6_30);
        guest.cpu().gpr[CpuState.EDX] = DATA;
        call(Hypercall.LGUEST_INIT);
        assertEquals(Generation.LINUX_2_6_30, guest.data().generation());
    }

    @Test
    void initTrustsTheReleaseOnlyWhereRegistersAndLayoutAgree() {
        guest.expect(Generation.LINUX_2_6_24);
        traps(Generation.LINUX_2_6_24);
        call(Hypercall.LGUEST_INIT);
        assertEquals(Generation.LINUX_2_6_24, guest.generation());
        use(TestGuests.of(8));
        guest.expect(Generation.LINUX_2_6_24);
        traps(Generation.LINUX_3_1);
        call(Hypercall.LGUEST_INIT);
        assertEquals(Generation.LINUX_3_1, guest.generation());
        assertTrue(guest.log().events().stream().anyMatch(e -> e.text().contains("will not find them")), "the device page has the wrong form, and the log tells");
    }

    @Test
    void initLearnsPaeFromTheTableThatTheGuestIsAboutToUse() {
        traps(Generation.LINUX_3_1);
        int next = guest.cpu().eip;
        guest.memory().store8(next, 0xB8);
        guest.memory().store32(next + 1, 4);
        guest.memory().store8(next + 5, 0xBB);
        guest.memory().store32(next + 6, 0x300000);
        guest.memory().store64(0x300000, 0x301001);
        guest.memory().store64(0x300018, 0x301001);
        call(Hypercall.LGUEST_INIT);
        assertTrue(guest.roots().pae);
        assertEquals(0x200000, data(Generation.LINUX_3_1.layout().reserveMem()));
    }

    @Test
    void initTwiceKills() {
        traps(Generation.LINUX_3_1);
        call(Hypercall.LGUEST_INIT);
        call(Hypercall.LGUEST_INIT);
        killed("already have lguest_data");
    }

    @Test
    void initWithBadArgumentsKills() {
        traps(Generation.LINUX_3_1);
        guest.cpu().gpr[CpuState.EBX] = 0x40000000;
        call(Hypercall.LGUEST_INIT);
        killed("bad guest page 0x40000000");
        use(TestGuests.of(8));
        traps(Generation.LINUX_3_1);
        guest.memory().store32(DATA + Generation.LINUX_3_1.layout().syscallVec(), 0x81);
        call(Hypercall.LGUEST_INIT);
        killed("bad syscall vector 129");
        use(TestGuests.of(8));
        traps(Generation.LINUX_3_1);
        guest.memory().store32(DATA + Generation.LINUX_3_1.layout().kernelAddress(), 0xFFC00000);
        call(Hypercall.LGUEST_INIT);
        killed("bad kernel address 0xffc00000");
    }

    @Test
    void shutdownTellsWhy() {
        text(TEXT, "Power down");
        call(Hypercall.SHUTDOWN, TEXT, 1);
        ended(Ending.Kind.POWER_OFF, "Power down");
        use(TestGuests.of(8));
        text(TEXT, "Attempted to kill init!");
        call(Hypercall.SHUTDOWN, TEXT, 1);
        ended(Ending.Kind.CRASH, "Attempted to kill init!");
        use(TestGuests.of(8));
        text(TEXT, "x".repeat(300));
        call(Hypercall.SHUTDOWN, TEXT, 1);
        ended(Ending.Kind.CRASH, "x".repeat(127));
    }

    @Test
    void restartNeedsNoText() {
        call(Hypercall.SHUTDOWN, 0x40000000, 2);
        ended(Ending.Kind.RESTART, "Restart");
        use(TestGuests.of(8));
        text(TEXT, "now");
        call(Hypercall.SHUTDOWN, TEXT, 2);
        ended(Ending.Kind.RESTART, "now");
    }

    @Test
    void farewellBeyondMemoryKills() {
        call(Hypercall.SHUTDOWN, 0x40000000, 1);
        killed("bad read address 0x40000000 len 128");
    }

    @Test
    void memoryCallsReachTheMmu() {
        guest.roots().pae = true;
        call(Hypercall.FLUSH_TLB, 0);
        call(Hypercall.FLUSH_TLB, 1);
        call(Hypercall.SET_PTE, 0x1000, 0xC0001000, 0x63, 0x80000000);
        call(Hypercall.SET_PGD, 0x1000, 3);
        call(Hypercall.SET_PMD, 0x2000, 511);
        guest.roots().pae = false;
        call(Hypercall.SET_PTE, 0x1000, 0xC0001000, 0x63, 0x80000000);
        call(Hypercall.NEW_PGTABLE, 0x4000);
        assertEquals(List.of("flushUser", "flushAll", "setPte 1000 c0001000 63 80000000", "setTopLevel 1000 3", "setMiddle 2000 1ff",
            "setPte 1000 c0001000 63 0", "newPageTable 4000"), mmu.calls);
    }

    @Test
    void middleTablesExistWithPaeOnly() {
        call(Hypercall.SET_PMD, 0x1000, 0);
        killed("Bad hypercall 13");
    }

    @Test
    void descriptorsAreFixedAndStored() {
        call(Hypercall.LOAD_GDT_ENTRY, 27, 0x12345678, 0x00409200);
        assertEquals(0x12345678, guest.descriptors().low(27));
        assertEquals(0x0040B300, guest.descriptors().high(27), "ring 0 became ring 1, accessed is set");
        call(Hypercall.LOAD_GDT_ENTRY, 32, 0, 0);
        killed("too many gdt entries 32");
    }

    @Test
    void wholeGdtIsLoaded() {
        for (int i = 0; i < 32; i++) guest.memory().store64(TEXT + 8 * i, (long) (0x00CF9200 + (i << 24)) << 32 | i);
        call(Hypercall.LOAD_GDT, TEXT, 32);
        assertEquals(27, guest.descriptors().low(27));
        assertEquals(0x1BCFB300, guest.descriptors().high(27));
        assertEquals(0, guest.descriptors().high(10), "the host's own entries read as empty");
        call(Hypercall.LOAD_GDT, TEXT, 33);
        killed("too many gdt entries 33");
    }

    @Test
    void tablesBeyondMemoryKill() {
        call(Hypercall.LOAD_GDT, (int) guest.memory().limit() - 255, 32);
        killed("bad read address 0x800f01 len 256");
        use(TestGuests.of(8));
        call(Hypercall.LOAD_TLS, -8, 0);
        killed("bad read address 0xfffffff8 len 24");
        use(TestGuests.of(8));
        call(Hypercall.LOAD_GDT, TEXT, -1);
        killed("too many gdt entries -1");
    }

    @Test
    void tlsGoesToEntries6To8() {
        for (int i = 0; i < 3; i++) guest.memory().store64(TEXT + 8 * i, 0x00CFF300_0000FFFFL + ((long) i << 56));
        call(Hypercall.LOAD_TLS, TEXT, 0);
        for (int i = 0; i < 3; i++) assertEquals(0x00CFF300 + (i << 24), guest.descriptors().high(6 + i));
        assertEquals(0, guest.descriptors().high(9));
    }

    @Test
    void gatesAreStored() {
        call(Hypercall.LOAD_IDT_ENTRY, 0x80, 0x00601234, 0xC123EF00);
        assertTrue(guest.traps().present(0x80));
        assertEquals(0xC1231234, guest.traps().offset(0x80));
        assertEquals(3, guest.traps().dpl(0x80));
        assertFalse(guest.traps().interruptGate(0x80));
        call(Hypercall.LOAD_IDT_ENTRY, 0x80, 0, 0);
        assertFalse(guest.traps().present(0x80));
        for (int kept : new int[] {2, 8, 15, 0x1F}) {
            call(Hypercall.LOAD_IDT_ENTRY, kept, 0x1234, 0xC1238E00);
            assertFalse(guest.traps().present(kept));
        }
        assertNull(guest.endingNow());
    }

    @Test
    void badGatesKill() {
        call(Hypercall.LOAD_IDT_ENTRY, 256, 0, 0x8E00);
        killed("Setting idt entry 256");
        use(TestGuests.of(8));
        call(Hypercall.LOAD_IDT_ENTRY, 3, 0, 0x8500);
        killed("bad IDT type 5");
    }

    @Test
    void stackIsCheckedStoredAndPinned() {
        call(Hypercall.SET_STACK, 0x69, 0x8000, 2);
        assertNull(guest.endingNow());
        assertEquals(0x69, guest.cpu().ss1);
        assertEquals(0x8000, guest.cpu().esp1);
        assertEquals(2, guest.cpu().stackPages);
        assertTrue(mmu.calls.contains("pinStack"));
        call(Hypercall.SET_STACK, 0x6A, 0x8000, 2);
        killed("bad stack segment 106");
        use(TestGuests.of(8));
        call(Hypercall.SET_STACK, 0x69, 0x8000, 3);
        killed("bad stack pages 3");
        use(TestGuests.of(8));
        guest.memory().zero(0x4000, 4096);
        mmu.newPageTable(guest, 0x4000);
        call(Hypercall.SET_STACK, 0x69, 0xC0002000, 1);
        killed("bad stack page 0xc0001fff");
    }

    @Test
    void taskSwitchedFlagFollows() {
        call(Hypercall.TS, 8);
        assertTrue((guest.cpu().cr0 & CpuState.CR0_TS) != 0);
        call(Hypercall.TS, 0);
        assertEquals(0, guest.cpu().cr0 & CpuState.CR0_TS);
        assertEquals(0x80010033, guest.cpu().cr0, "no other bit moves");
    }

    @Test
    void timeCallsReachTheClock() {
        call(Hypercall.SET_CLOCKEVENT, 1000);
        assertEquals(WALL + 1000, guest.clock().dueNanos);
        call(Hypercall.SET_CLOCKEVENT, 0);
        assertEquals(ClockState.OFF, guest.clock().dueNanos);
        assertFalse(guest.halted);
        call(Hypercall.HALT);
        assertTrue(guest.halted);
        call(Hypercall.SEND_INTERRUPTS);
        call(Hypercall.FLUSH_ASYNC);
        assertNull(guest.endingNow());
    }

    @Test
    void notifyMeansWhatLiesAtTheAddress() {
        DeviceState rng = guest.devicePage().add(DeviceType.RNG, "host:", new int[] {128}, 0, new byte[0]);
        DeviceState console = guest.devicePage().add(DeviceType.CONSOLE, "stdio:", new int[] {256, 256}, 0, new byte[0]);
        call(Hypercall.NOTIFY, (int) console.descriptor);
        call(Hypercall.NOTIFY, (int) console.queues.get(1).ring);
        call(Hypercall.NOTIFY, (int) rng.queues.get(0).ring + 0x10);
        text(TEXT, "Linux version");
        call(Hypercall.NOTIFY, TEXT);
        call(Hypercall.NOTIFY, (int) console.descriptor + 1);
        assertEquals(List.of("status console 1", "kick console 1.1", "kick rng 0.0", "text Linux version", "text \u0002"), host.notes);
        call(Hypercall.NOTIFY, (int) guest.memory().limit());
        killed("Bad NOTIFY 0x" + Long.toHexString(guest.memory().limit()));
    }

    @Test
    void textWithoutAnEndIsCut() {
        for (int i = 0; i < 100_000; i++) guest.memory().store8(0x100000 + i, 'a');
        call(Hypercall.NOTIFY, 0x100000);
        assertTrue(host.notes.get(0).length() < 10_000);
        for (int i = 1; i <= 16; i++) guest.memory().store8(guest.memory().limit() - i, 'b');
        call(Hypercall.NOTIFY, (int) guest.memory().limit() - 16);
        assertEquals("text " + "b".repeat(16), host.notes.get(1), "it ends where memory ends");
    }

    @Test
    void theFirstLguestTellsItsCandidateApartByTheLayout() {
        for (Generation g : new Generation[] {Generation.LINUX_2_6_23_RC1, Generation.LINUX_2_6_23}) {
            use(TestGuests.of(4));
            guest.expect(Generation.LINUX_2_6_23); // the release in the image need not tell
            guest.roots().linear = false;
            traps(g);
            call(Hypercall.LGUEST_INIT);
            assertEquals(g, guest.data().generation());
            assertEquals(guest.control().guestId(), guest.memory().load16(DATA + g.layout().guestId()));
        }
        use(TestGuests.of(4));
        guest.expect(Generation.LINUX_2_6_23);
        traps(Generation.LINUX_2_6_23);
        guest.memory().store8(DATA + 83, 0);
        call(Hypercall.LGUEST_INIT);
        killed("bad guest page 0x" + Integer.toHexString(DATA));
    }

    @Test
    void crashEndsTheGuestWithItsTextWhateverIsInTheOtherRegisters() {
        text(0x5000, "Power down");
        call(Hypercall.CRASH, 0x5000, 2);
        ended(Ending.Kind.POWER_OFF, "Power down");
        use(TestGuests.of(4));
        text(0x5000, "Attempted to kill init!");
        call(Hypercall.CRASH, 0x5000, 2);
        ended(Ending.Kind.CRASH, "Attempted to kill init!");
    }

    @Test
    void theWallClockIsAnsweredInSeconds() {
        call(Hypercall.GET_WALLCLOCK);
        assertEquals((int) (WALL / 1_000_000_000), guest.ring().answer);
    }

    private int bind(int key, int array, int count, int irq) {
        guest.ring().answer = 77;
        call(Hypercall.BIND_DMA, key, array, count << 8 | irq);
        return guest.ring().answer;
    }

    @Test
    void buffersAreBoundAndUnbound() {
        assertEquals(1, bind(0x40, 0x5000, 8, 3));
        assertEquals(8, guest.dma().find(0x40).count);
        assertEquals(3, guest.dma().find(0x40).irq);
        assertEquals(0, bind(0x40, 0x5000, 8, 32), "there is no such line");
        assertEquals(0, bind(0x40, 0x6000, 8, 0), "another array");
        assertEquals(1, bind(0x40, 0x5000, 8, 0));
        assertEquals(0, bind(0x40, 0x5000, 8, 0));
        for (int i = 0; i < 32; i++) assertEquals(1, bind(0x40, 0x5000, 1, 3));
        assertEquals(0, bind(0x40, 0x5000, 1, 3));
        assertFalse(guest.dead());
    }

    @Test
    void keysThatAreNoneKill() {
        bind(0x42, 0x5000, 1, 3);
        killed("bad dma key 0x42");
        use(TestGuests.of(4));
        bind(-4, 0x5000, 1, 3);
        killed("bad dma key 0xfffffffc");
        use(TestGuests.of(4));
        call(Hypercall.SEND_DMA, (int) guest.memory().limit(), 0x5000);
        killed("bad sending DMA key");
    }

    @Test
    void aMessageToAKeyOfTheGuestsOwnWaitsForTheLauncher() {
        call(Hypercall.SEND_DMA, 0x40, 0x5000);
        assertTrue(guest.dma().pending());
        assertEquals(0x5000, guest.dma().sentDma());
        assertEquals(0x40, guest.dma().sentKey());
    }

    @Test
    void aMessageToASharedPageGoesToThoseWhoShareIt() {
        var told = new ArrayList<String>();
        guest.dma().share(0x7000, new SharedPage() {
            @Override
            public void changed(org.lguest.api.Guest g, int offset) { told.add("changed " + offset); }

            @Override
            public void send(org.lguest.api.Guest g, int offset, int dma) { told.add("send " + offset + " " + dma); }
        });
        bind(0x7010, 0x5000, 1, 3);
        call(Hypercall.SEND_DMA, 0x7FFC, 0x5000);
        bind(0x7010, 0x5000, 1, 0);
        bind(0x7010, 0x5000, 1, 0); // there is none: no news
        call(Hypercall.SEND_DMA, 0x8000, 0x5000);
        assertEquals(java.util.List.of("changed 16", "send 4092 " + 0x5000, "changed 16"), told);
        assertEquals(0x8000, guest.dma().sentKey(), "beside the page");
    }

    /** Every call with any arguments, over memory full of anything: nothing throws, and who dies has a reason. */
    @ParameterizedTest
    @EnumSource(Generation.class)
    void hostileArgumentsNeverThrow(Generation g) {
        var random = new Random(g.ordinal());
        var died = new ArrayList<String>();
        for (int round = 0; round < 200; round++) {
            use(TestGuests.of(2, random.nextInt(3) == 0 ? null : random.nextBoolean()));
            for (int i = 0; i < 5000; i++) guest.memory().store32(random.nextInt(0x1FFFFC), value(random));
            if (random.nextInt(4) == 0) wildInit(random);
            else TestGuests.introduce(guest, g, DATA);
            for (int i = 0; i < 60 && !guest.dead(); i++) {
                Hypercall c = Hypercall.values()[random.nextInt(Hypercall.values().length)];
                call(c, value(random), value(random), value(random), value(random));
            }
            if (guest.dead()) {
                assertNotNull(guest.endingNow().reason());
                died.add(guest.endingNow().toString());
            }
        }
        assertTrue(died.size() > 150, "only " + died.size() + " of 200 died: the arguments are not hostile");
        assertTrue(died.stream().distinct().count() > 8, "deaths: " + died.stream().distinct().toList());
    }

    private void wildInit(Random random) {
        guest.expect(Generation.values()[random.nextInt(Generation.values().length)]);
        for (int i = 0; i < 8; i++) guest.cpu().gpr[i] = value(random);
        guest.cpu().eip = value(random);
        guest.ring().byVmcall = random.nextBoolean();
        if (random.nextBoolean()) {
            traps(Generation.values()[random.nextInt(Generation.values().length)]);
            for (int i = 0; i < 3; i++) guest.memory().store32(DATA + random.nextInt(1396 / 4) * 4, value(random));
        }
        guest.roots().first = random.nextBoolean() ? value(random) : 0;
        call(Hypercall.LGUEST_INIT);
    }

    private static int value(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(600);
            case 2 -> random.nextInt(0x220000);
            case 3 -> random.nextInt(0x220) << 12 | random.nextInt(128);
            case 4 -> 0xC0000000 + random.nextInt(0x400) * 0x1000;
            default -> -random.nextInt(0x800000);
        };
    }
}
