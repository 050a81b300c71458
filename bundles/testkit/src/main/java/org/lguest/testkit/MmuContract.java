package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.api.part.Mmu.FETCH;
import static org.lguest.api.part.Mmu.READ;
import static org.lguest.api.part.Mmu.WRITE;
import static org.lguest.testkit.PageTables.A;
import static org.lguest.testkit.PageTables.D;
import static org.lguest.testkit.PageTables.G;
import static org.lguest.testkit.PageTables.P;
import static org.lguest.testkit.PageTables.PCD;
import static org.lguest.testkit.PageTables.PSE;
import static org.lguest.testkit.PageTables.PWT;
import static org.lguest.testkit.PageTables.RW;
import static org.lguest.testkit.PageTables.US;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Guest;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.Mmu;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SoftTlb;

/**
 * What every MMU owes its guests (ABI section 6). Each test runs on two-level tables and on those of PAE where that makes a
 * difference.
 */
public abstract class MmuContract {
    private static final int USER_VA = 0x08048000, KERNEL_VA = 0xC0100000, PAGE_A = 0x00300000, PAGE_B = 0x00301000;
    private static final int ALL = P | RW | US;

    /** The MMU under test, a new one for each test. */
    protected abstract Mmu mmu();

    private final Mmu mmu = mmu();
    private final List<Guest> guests = new ArrayList<>();
    private PageTables.Pool pool;
    private Guest guest;
    private PageTables tables;

    @AfterEach
    void close() {
        for (Guest g : guests) {
            mmu.release(g);
            g.memory().close();
        }
    }

    private Guest guest(Boolean pae) {
        Guest g = TestGuests.of(8, pae);
        guests.add(g);
        mmu.adopt(g);
        return g;
    }

    private void start(boolean pae) {
        guest = guest(pae);
        pool = new PageTables.Pool(0x100000);
        tables = new PageTables(guest.memory(), pae, pool).reach(KERNEL_VA).reach(USER_VA);
        mmu.newPageTable(guest, tables.root());
    }

    private PageTables another() { return new PageTables(guest.memory(), tables.pae(), pool).shareFrom(tables, 0xC0000000).reach(USER_VA); }

    /** -1 when allowed, otherwise the error code; the fault is at the right place. */
    private int access(int va, int kind, boolean user) {
        guest.cpu().trapnum = CpuState.NO_TRAP;
        if (mmu.fill(guest, va, kind, user)) {
            assertEquals(CpuState.NO_TRAP, guest.cpu().trapnum, "an access that is allowed leaves no trap");
            return -1;
        }
        assertEquals(14, guest.cpu().trapnum);
        assertEquals(va, guest.cpu().faultAddress);
        return guest.cpu().errcode;
    }

    private boolean tag(int[] tags, int va, boolean user) {
        return tags[SoftTlb.index(user ? SoftTlb.USER : SoftTlb.SUPERVISOR, va)] == (va & SoftTlb.PAGE_MASK);
    }

    private boolean readable(int va) { return tag(guest.tlb().readTag, va, false); }

    private boolean writable(int va) { return tag(guest.tlb().writeTag, va, false); }

    private int mapped(int va, boolean user) { return va + guest.tlb().addend[SoftTlb.index(user ? SoftTlb.USER : SoftTlb.SUPERVISOR, va)]; }

    private void alive() { assertNull(guest.endingNow()); }

    private void killed(String reason) {
        assertTrue(guest.dead(), "alive, and should have died of: " + reason);
        assertEquals(reason, guest.endingNow().reason());
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void readSetsAccessedButNotDirty(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | RW);
        assertEquals(-1, access(KERNEL_VA + 0x123, READ, false));
        assertEquals(PAGE_A | P | RW | A, tables.pte(KERNEL_VA));
        assertTrue(readable(KERNEL_VA));
        assertFalse(writable(KERNEL_VA), "RW is withheld until D is set");
        assertEquals(PAGE_A + 0x123, mapped(KERNEL_VA + 0x123, false));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void fetchSetsAccessed(boolean pae) {
        start(pae);
        tables.map(USER_VA, PAGE_A, P | US);
        assertEquals(-1, access(USER_VA, FETCH, true));
        assertEquals(PAGE_A | P | US | A, tables.pte(USER_VA));
        assertTrue(tag(guest.tlb().fetchTag, USER_VA, true));
        assertFalse(tag(guest.tlb().fetchTag, USER_VA, false), "the other bank was not asked for");
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void firstWriteSetsDirtyAndGrantsWriting(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | RW);
        access(KERNEL_VA, READ, false);
        assertEquals(-1, access(KERNEL_VA + 4, WRITE, false));
        assertEquals(PAGE_A | P | RW | A | D, tables.pte(KERNEL_VA));
        assertTrue(writable(KERNEL_VA));
        assertTrue(readable(KERNEL_VA));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void readOfDirtyPageGrantsWriting(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | RW | A | D);
        access(KERNEL_VA, READ, false);
        assertTrue(writable(KERNEL_VA));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void rightsAreThoseOfAllLevelsTogether(boolean pae) {
        start(pae);
        int va = USER_VA;
        for (int directory = 0; directory < 4; directory++)
            for (int last = 0; last < 4; last++)
                for (int kind = READ; kind <= FETCH; kind++)
                    for (int who = 0; who < 2; who++) {
                        boolean user = who == 1;
                        va += 0x400000; // a directory entry of its own for each case
                        tables.map(va, PAGE_A, P | last << 1);
                        tables.set(tables.directory(va), guest.memory().load32(tables.directory(va)) & ~(RW | US) | directory << 1);
                        int both = directory & last;
                        boolean allowed = ((both & 1) != 0 || kind != WRITE) && ((both & 2) != 0 || !user);
                        int want = allowed ? -1 : 1 | (kind == WRITE ? 2 : 0) | (user ? 4 : 0);
                        String which = "directory " + directory + " last " + last + " kind " + kind + " user " + user;
                        assertEquals(want, access(va, kind, user), which);
                        int marks = allowed ? A | (kind == WRITE ? D : 0) : 0;
                        assertEquals(marks, tables.pte(va) & (A | D), which + ": A and D");
                        assertEquals(allowed, tag(guest.tlb().readTag, va, user), which + ": tag");
                        assertEquals(allowed && kind == WRITE, tag(guest.tlb().writeTag, va, user), which + ": write tag");
                    }
        alive();
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void writeToReadOnlyPageFaultsWithErrorCode3(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P);
        assertEquals(-1, access(KERNEL_VA, READ, false));
        assertEquals(3, access(KERNEL_VA, WRITE, false), "CR0.WP holds in ring 1");
        tables.map(USER_VA, PAGE_A, P | US);
        assertEquals(-1, access(USER_VA, READ, true));
        assertEquals(7, access(USER_VA, WRITE, true));
        assertEquals(0, tables.pte(USER_VA) & D);
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void absentPageFaultsWithoutThePresentBit(boolean pae) {
        start(pae);
        assertEquals(0, access(KERNEL_VA, READ, false));
        assertEquals(2, access(KERNEL_VA, WRITE, false));
        assertEquals(4, access(USER_VA, FETCH, true));
        assertEquals(6, access(USER_VA, WRITE, true));
        assertEquals(6, access(0x40000000, WRITE, true), "no table at all");
        assertFalse(tag(guest.tlb().readTag, USER_VA, true));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void absenceIsNeverRemembered(boolean pae) {
        start(pae);
        assertEquals(0, access(KERNEL_VA, READ, false));
        tables.map(KERNEL_VA, PAGE_A, P);
        assertEquals(-1, access(KERNEL_VA, READ, false), "made present without a word");
        assertEquals(3, access(KERNEL_VA, WRITE, false));
        tables.map(KERNEL_VA, PAGE_A, P | RW);
        assertEquals(-1, access(KERNEL_VA, WRITE, false), "made writable without a word");
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void entriesThatAreNotPresentMayHoldAnything(boolean pae) {
        start(pae);
        tables.set(tables.entry(USER_VA), 0xFFFFFFFE);
        assertEquals(4, access(USER_VA, READ, true));
        tables.set(tables.directory(USER_VA), 0xFFFFFFFE);
        assertEquals(4, access(USER_VA, READ, true));
        mmu.setPte(guest, tables.root(), USER_VA, 0xFFFFFFFE, 0);
        alive();
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void pageTableEntriesMayCarryCachingGlobalAndSpareBits(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | RW | PWT | PCD | G | 0xE00);
        assertEquals(-1, access(KERNEL_VA, WRITE, false));
        assertEquals(PAGE_A | P | RW | PWT | PCD | G | 0xE00 | A | D, tables.pte(KERNEL_VA));
    }

    @Test
    void noExecuteBitOfPaeIsIgnored() {
        start(true);
        tables.map(KERNEL_VA, PAGE_A, P | RW);
        guest.memory().store32(tables.entry(KERNEL_VA) + 4, 0x80000000);
        assertEquals(-1, access(KERNEL_VA, FETCH, false));
        assertEquals(0x80000000, guest.memory().load32(tables.entry(KERNEL_VA) + 4));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void largePageInTheLastLevelKills(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | PSE);
        access(KERNEL_VA, READ, false);
        killed("bad page table entry");
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void frameBeyondMemoryKills(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, (int) guest.memory().limit(), P | RW);
        access(KERNEL_VA, WRITE, false);
        killed("bad page table entry");
        assertFalse(readable(KERNEL_VA));
        assertEquals(0, tables.pte(KERNEL_VA) & (A | D));
    }

    /** An address that is negative as an int is beyond memory all the same. */
    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void frameAbove2GiBKills(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, 0x9969A000, P | RW);
        access(KERNEL_VA, FETCH, false);
        killed("bad page table entry");
        assertFalse(readable(KERNEL_VA));
    }

    @Test
    void frameAbove4GiBKills() {
        start(true);
        tables.map(KERNEL_VA, PAGE_A, P | RW);
        guest.memory().store32(tables.entry(KERNEL_VA) + 4, 1);
        access(KERNEL_VA, READ, false);
        killed("bad page table entry");
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void devicePagesAreMemoryLikeAnyOther(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, (int) guest.memory().ramBytes(), P | RW);
        assertEquals(-1, access(KERNEL_VA, WRITE, false));
    }

    @ParameterizedTest(name = "pae={0}, bit {1}")
    @org.junit.jupiter.params.provider.CsvSource({"false,8", "false,16", "false,128", "false,256", "false,512", "true,8", "true,16", "true,128",
        "true,256", "true,2048"})
    void directoryEntryWithOtherFlagsKills(boolean pae, int bit) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P);
        tables.set(tables.directory(KERNEL_VA), guest.memory().load32(tables.directory(KERNEL_VA)) | bit);
        access(KERNEL_VA, READ, false);
        killed(pae ? "bad page middle directory entry" : "bad page directory entry");
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void directoryEntryBeyondMemoryKills(boolean pae) {
        start(pae);
        tables.set(tables.directory(KERNEL_VA), (int) guest.memory().limit() | ALL);
        access(KERNEL_VA, READ, false);
        killed(pae ? "bad page middle directory entry" : "bad page directory entry");
    }

    @ParameterizedTest(name = "bit {0}")
    @ValueSource(ints = {RW, US, PWT, A, D, PSE, 0x200})
    void topLevelEntryOfPaeCarriesNothingButPresent(int bit) {
        start(true);
        tables.map(KERNEL_VA, PAGE_A, P);
        tables.set(tables.top(KERNEL_VA), guest.memory().load32(tables.top(KERNEL_VA)) | bit);
        access(KERNEL_VA, READ, false);
        killed("bad page directory entry");
    }

    @Test
    void accessedAndDirtyInADirectoryAreFine() {
        start(false);
        tables.map(KERNEL_VA, PAGE_A, P);
        tables.set(tables.directory(KERNEL_VA), guest.memory().load32(tables.directory(KERNEL_VA)) | A | D);
        assertEquals(-1, access(KERNEL_VA, READ, false));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void codeFramesGetNoWriteTagAndTellTheirAddress(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | RW);
        guest.memory().code().mark(PAGE_A >>> 12);
        assertEquals(-1, access(KERNEL_VA + 8, WRITE, false));
        assertFalse(writable(KERNEL_VA));
        assertEquals(PAGE_A + 8, mmu.physical(guest, KERNEL_VA + 8));
        assertEquals(D, tables.pte(KERNEL_VA) & D);
        guest.memory().code().clear(PAGE_A >>> 12);
        access(KERNEL_VA + 8, WRITE, false);
        assertTrue(writable(KERNEL_VA));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void twoPagesCanBePreparedForOneAccess(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_B, P | RW).map(KERNEL_VA + 0x1000, PAGE_A, P | RW);
        guest.memory().code().mark(PAGE_A >>> 12);
        guest.memory().code().mark(PAGE_B >>> 12);
        access(KERNEL_VA + 0xFFE, WRITE, false);
        access(KERNEL_VA + 0x1001, WRITE, false);
        assertEquals(PAGE_B + 0xFFE, mmu.physical(guest, KERNEL_VA + 0xFFE));
        assertEquals(PAGE_A + 1, mmu.physical(guest, KERNEL_VA + 0x1001));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void setPteForgetsTheOldPageEverywhere(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | RW | US | A | D);
        access(KERNEL_VA, WRITE, false);
        access(KERNEL_VA, WRITE, true);
        PageTables other = another();
        tables.map(KERNEL_VA, PAGE_B, P | RW | US);
        mmu.setPte(guest, other.root(), KERNEL_VA, tables.pte(KERNEL_VA), 0); // a kernel address counts for all, whoever says it
        for (int[] tags : new int[][] {guest.tlb().readTag, guest.tlb().writeTag, guest.tlb().fetchTag}) {
            assertFalse(tag(tags, KERNEL_VA, false));
            assertFalse(tag(tags, KERNEL_VA, true));
        }
        access(KERNEL_VA, READ, false);
        assertEquals(PAGE_B, mapped(KERNEL_VA, false));
        mmu.newPageTable(guest, other.root());
        access(KERNEL_VA, READ, false);
        assertEquals(PAGE_B, mapped(KERNEL_VA, false));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void setPteOfAnotherAddressSpaceIsSeenWhenItIsTheCurrentOne(boolean pae) {
        start(pae);
        tables.map(USER_VA, PAGE_A, ALL);
        access(USER_VA, READ, true);
        PageTables other = another();
        mmu.newPageTable(guest, other.root());
        assertEquals(4, access(USER_VA, READ, true), "nothing of the other space shows through");
        tables.map(USER_VA, PAGE_B, ALL);
        mmu.setPte(guest, tables.root(), USER_VA, tables.pte(USER_VA), 0);
        mmu.newPageTable(guest, tables.root());
        access(USER_VA, READ, true);
        assertEquals(PAGE_B, mapped(USER_VA, true));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void setPteOfZeroUnmaps(boolean pae) {
        start(pae);
        tables.map(USER_VA, PAGE_A, ALL);
        access(USER_VA, WRITE, true);
        tables.set(tables.entry(USER_VA), 0);
        mmu.setPte(guest, tables.root(), USER_VA, 0, 0);
        assertEquals(4, access(USER_VA, READ, true));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void flushUserForgetsPrograms(boolean pae) {
        start(pae);
        tables.map(USER_VA, PAGE_A, ALL | A | D);
        access(USER_VA, WRITE, true);
        access(USER_VA, READ, false);
        tables.set(tables.entry(USER_VA), 0);
        mmu.flushUser(guest);
        assertFalse(tag(guest.tlb().writeTag, USER_VA, true));
        assertFalse(readable(USER_VA));
        assertEquals(4, access(USER_VA, READ, true));
        assertEquals(0, access(USER_VA, READ, false));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void flushAllForgetsTheKernelOfAllAddressSpaces(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | G).map(USER_VA, PAGE_A, ALL);
        access(KERNEL_VA, READ, false);
        access(USER_VA, READ, true);
        PageTables other = another();
        mmu.newPageTable(guest, other.root());
        access(KERNEL_VA, READ, false);
        tables.set(tables.entry(KERNEL_VA), 0);
        tables.set(tables.entry(USER_VA), 0);
        mmu.flushAll(guest);
        assertFalse(readable(KERNEL_VA));
        assertEquals(0, access(KERNEL_VA, READ, false), "global or not");
        mmu.newPageTable(guest, tables.root());
        assertEquals(0, access(KERNEL_VA, READ, false));
        assertEquals(4, access(USER_VA, READ, true));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void topLevelChangesAreSeen(boolean pae) {
        start(pae);
        tables.map(USER_VA, PAGE_A, ALL).map(KERNEL_VA, PAGE_A, P);
        access(USER_VA, READ, true);
        access(KERNEL_VA, READ, false);
        int step = pae ? 30 : 22;
        tables.set(tables.top(USER_VA), 0);
        mmu.setTopLevel(guest, tables.root(), USER_VA >>> step);
        assertFalse(tag(guest.tlb().readTag, USER_VA, true));
        assertEquals(4, access(USER_VA, READ, true));
        tables.set(tables.top(KERNEL_VA), 0);
        mmu.setTopLevel(guest, tables.root(), KERNEL_VA >>> step);
        assertFalse(readable(KERNEL_VA));
        assertEquals(0, access(KERNEL_VA, READ, false));
        mmu.setTopLevel(guest, tables.root(), pae ? 4 : 1024); // lguest's own bound is off by one: ignored
        alive();
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void topLevelIndexBeyondTheTableKillsOnLateKernelsOnly(boolean pae) {
        start(pae);
        guest.expect(Generation.LINUX_2_6_31);
        mmu.setTopLevel(guest, tables.root(), 5000);
        alive();
        TestGuests.introduce(guest, Generation.LINUX_3_1, 0x2000);
        mmu.setTopLevel(guest, tables.root(), 5000);
        killed("Attempt to set pgd 5000/" + (pae ? 4 : 1024));
    }

    @Test
    void middleLevelChangesAreSeen() {
        start(true);
        tables.map(USER_VA, PAGE_A, ALL);
        access(USER_VA, READ, true);
        long middle = tables.directory(USER_VA);
        tables.set(middle, 0);
        mmu.setMiddle(guest, (int) (middle & ~0xFFFL), (int) (middle & 0xFFF) / 8);
        assertFalse(tag(guest.tlb().readTag, USER_VA, true));
        assertEquals(4, access(USER_VA, READ, true));
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void moreAddressSpacesThanAreRememberedStayApart(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P);
        List<PageTables> spaces = new ArrayList<>();
        for (int i = 0; i < 7; i++) spaces.add(another().map(USER_VA, 0x400000 + i * 0x1000, ALL));
        var random = new Random(7);
        for (int i = 0; i < 200; i++) {
            int n = random.nextInt(spaces.size());
            mmu.newPageTable(guest, spaces.get(n).root());
            assertEquals(-1, access(USER_VA, READ, true));
            assertEquals(0x400000 + n * 0x1000, mapped(USER_VA, true));
            assertEquals(-1, access(KERNEL_VA, READ, false));
        }
    }

    @Test
    void beforeTheFirstTableEveryAddressIsItself() {
        guest = guest(null);
        assertEquals(-1, access(0x1234, WRITE, false));
        assertEquals(0x1234, mapped(0x1234, false));
        assertTrue(writable(0x1234));
        assertEquals(0x1234, mmu.physical(guest, 0x1234));
        assertEquals(0x1234, mmu.translate(guest, 0x1234));
        assertEquals(-1, mmu.translate(guest, (int) guest.memory().limit()));
        assertEquals(5, access(0x1234, READ, true), "the page is the kernel's");
        assertEquals(0, access(0xFFFFF000, READ, false), "the topmost pages are nobody's");
        access((int) guest.memory().limit(), READ, false);
        killed("bad page table entry");
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void firstTableEndsIdentityAndTellsItsFormat(boolean pae) {
        guest = guest(null);
        access(0x300000, WRITE, false);
        tables = new PageTables(guest.memory(), pae, new PageTables.Pool(0x100000)).map(KERNEL_VA, PAGE_A, P | RW);
        mmu.newPageTable(guest, tables.root());
        assertEquals(pae, guest.roots().pae);
        assertFalse(guest.roots().linear);
        assertEquals(tables.root(), guest.roots().current);
        assertFalse(readable(0x300000));
        assertEquals(0, access(0x300000, READ, false));
        assertEquals(-1, access(KERNEL_VA, READ, false));
    }

    @Test
    void specDecidesTheFormatWhereItSaysSo() {
        guest = guest(false);
        tables = new PageTables(guest.memory(), true, new PageTables.Pool(0x100000)).map(KERNEL_VA, PAGE_A, P | RW);
        mmu.newPageTable(guest, tables.root());
        assertFalse(guest.roots().pae);
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void topmostPagesFaultAndCannotBeSet(boolean pae) {
        start(pae);
        guest.expect(Generation.LINUX_2_6_31);
        int first = pae ? 0xFFE00000 : 0xFFC00000;
        tables.map(first, PAGE_A, ALL).map(first - 0x1000, PAGE_A, ALL);
        assertEquals(0, access(first, READ, false));
        assertEquals(6, access(first + 0x123, WRITE, true));
        assertEquals(-1, access(first - 0x1000, READ, false));
        mmu.setPte(guest, tables.root(), first - 0x1000, tables.pte(first - 0x1000), 0);
        alive();
        mmu.setPte(guest, tables.root(), first, PAGE_A | ALL, 0);
        killed("attempt to access switcher pages");
    }

    @Test
    void settingTopmostPagesHasAnotherTextOnLateKernels() {
        start(false);
        TestGuests.introduce(guest, Generation.LINUX_3_1, 0x2000);
        mmu.setPte(guest, tables.root(), 0xFFFFF000, PAGE_A | ALL, 0);
        killed("attempt to set pte into Switcher pages");
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void translationForTheHostLeavesNoMarks(boolean pae) {
        start(pae);
        tables.map(USER_VA, PAGE_A, P);
        assertEquals(PAGE_A + 0x10, mmu.translate(guest, USER_VA + 0x10));
        assertEquals(0, tables.pte(USER_VA) & (A | D));
        assertEquals(-1, mmu.translate(guest, USER_VA + 0x1000));
        assertEquals(-1, mmu.translate(guest, 0x40000000));
        alive();
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void stackPagesArePinned(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | RW).map(KERNEL_VA + 0x1000, PAGE_B, P | RW);
        guest.cpu().esp1 = KERNEL_VA + 0x2000;
        guest.cpu().stackPages = 2;
        guest.cpu().trapnum = CpuState.NO_TRAP;
        mmu.pinStack(guest);
        assertEquals(A | D, tables.pte(KERNEL_VA) & (A | D));
        assertEquals(A | D, tables.pte(KERNEL_VA + 0x1000) & (A | D));
        assertEquals(CpuState.NO_TRAP, guest.cpu().trapnum);
        alive();
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void stackThatCannotBePinnedKills(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA + 0x1000, PAGE_B, P | RW).map(KERNEL_VA, PAGE_A, P);
        guest.cpu().esp1 = KERNEL_VA + 0x2000;
        guest.cpu().stackPages = 2;
        mmu.pinStack(guest);
        killed("bad stack page 0xc0100fff");
    }

    @Test
    void rootBeyondMemoryKills() {
        guest = guest(false);
        mmu.newPageTable(guest, 0x40000000);
        killed("bad read address 0x40000000 len 4");
        access(0, READ, false);
    }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void successorFindsEverythingInTheState(boolean pae) {
        start(pae);
        tables.map(KERNEL_VA, PAGE_A, P | RW);
        access(KERNEL_VA, WRITE, false);
        mmu.release(guest);
        assertFalse(readable(KERNEL_VA), "nothing stays in the SoftTlb");
        Mmu next = mmu();
        next.adopt(guest);
        assertTrue(next.fill(guest, KERNEL_VA, WRITE, false));
        assertEquals(PAGE_A, mapped(KERNEL_VA, false));
        next.release(guest);
        mmu.adopt(guest);
    }

    @Test
    void damagedRootKillsTheGuestAndNothingElse() {
        start(false);
        Mmu next = mmu();
        guest.roots().current = 0x7FFFF000;
        next.adopt(guest);
        killed("page table at 7ffff000 beyond memory");
        assertFalse(next.fill(guest, KERNEL_VA, READ, false));
        assertEquals(-1, next.translate(guest, KERNEL_VA));
        next.release(guest);
    }

    @Test
    void guestsDoNotSeeEachOther() {
        start(false);
        tables.map(KERNEL_VA, PAGE_A, P | RW);
        access(KERNEL_VA, READ, false);
        Guest other = guest(false);
        PageTables theirs = new PageTables(other.memory(), false, new PageTables.Pool(0x100000)).map(KERNEL_VA, PAGE_B, P | RW);
        mmu.newPageTable(other, theirs.root());
        assertTrue(mmu.fill(other, KERNEL_VA, READ, false));
        assertEquals(PAGE_B, mmu.physical(other, KERNEL_VA));
        assertEquals(PAGE_A, mmu.physical(guest, KERNEL_VA));
    }

    /**
     * A kernel that says what it changes, at random, on six address spaces; after each step an access is compared with what
     * the tables say, and every so often the whole SoftTlb is.
     */
    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void agreesWithTheTablesWhateverAnOrderlyKernelDoes(boolean pae) {
        for (int seed = 0; seed < 6; seed++) new OrderlyKernel(pae, seed).live(4000);
    }

    /** A guest kernel that follows the rules, driven by a seed. */
    private final class OrderlyKernel {
        private final Random random;
        private final List<PageTables> spaces = new ArrayList<>();
        private final PlainMmu oracle = new PlainMmu();
        private int at;

        OrderlyKernel(boolean pae, int seed) {
            random = new Random(seed);
            start(pae);
            // kernel slots are there from the beginning, as Linux has them
            for (int va = 0xC0000000; va != 0xC1000000; va += 0x400000) tables.reach(va).reach(va + 0x200000);
            spaces.add(tables);
            for (int i = 0; i < 5; i++) spaces.add(another());
        }

        private int someVa() {
            int slot = random.nextInt(3);
            int page = random.nextInt(24);
            boolean conflicts = random.nextInt(4) == 0; // pages that share an entry of the SoftTlb
            int within = conflicts ? (page & 3) << 22 : page << 12;
            return slot == 0 ? 0xC0000000 + within : (slot == 1 ? 0x08000000 : 0x7F000000) + within;
        }

        void live(int steps) {
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(10)) {
                    case 0, 1, 2 -> change();
                    case 3 -> {
                        at = random.nextInt(spaces.size());
                        mmu.newPageTable(guest, spaces.get(at).root());
                    }
                    case 4 -> batch();
                    default -> compare(someVa(), random.nextInt(3), random.nextBoolean());
                }
                assertNull(guest.endingNow(), "step " + i);
                if (i % 50 == 0) compareTlb();
            }
        }

        /** One entry, announced by SET_PTE. */
        private void change() {
            int space = random.nextInt(spaces.size());
            int va = someVa();
            PageTables t = spaces.get(space);
            boolean fresh = guest.memory().load32(t.top(va)) == 0 || (guest.memory().load32(t.directory(va)) & P) == 0;
            edit(t, va);
            if (fresh) mmu.setTopLevel(guest, t.root(), va >>> (t.pae() ? 30 : 22));
            mmu.setPte(guest, t.root(), va, t.pte(va), 0);
        }

        /** Several entries of the current space, announced by one flush. */
        private void batch() {
            boolean kernel = random.nextInt(3) == 0;
            for (int i = 0; i < 4; i++) {
                int va = someVa();
                if (kernel || va > 0) edit(spaces.get(at), va);
            }
            if (kernel) mmu.flushAll(guest);
            else mmu.flushUser(guest);
        }

        private void edit(PageTables t, int va) {
            int flags = random.nextInt(5) == 0 ? 0 : P | random.nextInt(4) << 1 | random.nextInt(4) << 5;
            t.map(va, 0x300000 + random.nextInt(32) * 4096, flags);
        }

        private void compare(int va, int kind, boolean user) {
            PageTables t = spaces.get(at);
            t.reach(va);
            int before = t.pte(va);
            int got = access(va, kind, user);
            int marked = t.pte(va);
            t.set(t.entry(va), before);
            int[] ours = guest.tlb().writeTag.clone();
            guest.cpu().trapnum = CpuState.NO_TRAP;
            int want = oracle.fill(guest, va, kind, user) ? -1 : guest.cpu().errcode;
            System.arraycopy(ours, 0, guest.tlb().writeTag, 0, ours.length);
            String where = Integer.toHexString(va) + " kind " + kind + " user " + user + " pte " + Integer.toHexString(before);
            assertEquals(want, got, where);
            assertEquals(t.pte(va), marked, where + ": A and D");
            if (want == -1) assertEquals(before & 0xFFFFF000, mmu.physical(guest, va) & 0xFFFFF000, where);
        }

        /** Each tag says no more than the tables do. */
        private void compareTlb() {
            SoftTlb tlb = guest.tlb();
            for (int i = 0; i < 2 * SoftTlb.ENTRIES; i++) {
                boolean user = i >= SoftTlb.USER;
                check(tlb.readTag[i], i, READ, user);
                check(tlb.fetchTag[i], i, FETCH, user);
                check(tlb.writeTag[i], i, WRITE, user);
            }
        }

        private void check(int page, int i, int kind, boolean user) {
            if (page == SoftTlb.NEVER) return;
            PageTables t = spaces.get(at);
            String where = Integer.toHexString(page) + " kind " + kind + " user " + user;
            int pte = t.pte(page);
            assertEquals(pte & 0xFFFFF000, page + guest.tlb().addend[i], where);
            assertTrue((pte & P) != 0, where);
            if (kind == WRITE) assertEquals(RW | D, pte & (RW | D), where);
            if (user) assertTrue((pte & US) != 0, where);
        }
    }

    /** Entries of any content in tables of good shape: the same verdict, death included, as the oracle's. */
    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void anyEntryIsJudgedAsTheOracleDoes(boolean pae) {
        int deaths = 0;
        for (int seed = 0; seed < 700; seed++) {
            String got = verdict(mmu, pae, new Random(seed));
            assertEquals(verdict(new PlainMmu(), pae, new Random(seed)), got, "seed " + seed);
            if (got.contains("bad")) deaths++;
        }
        assertTrue(deaths > 140 && deaths < 560, deaths + " deaths of 700");
    }

    private static String verdict(Mmu mmu, boolean pae, Random random) {
        Guest g = TestGuests.of(1, pae);
        mmu.adopt(g);
        var t = new PageTables(g.memory(), pae, new PageTables.Pool(0x10000));
        int va = random.nextBoolean() ? USER_VA : KERNEL_VA;
        t.map(va, 0x80000, P | random.nextInt(8) | random.nextInt(4) << 5);
        long[] levels = {t.top(va), t.directory(va), t.entry(va)};
        long at = levels[random.nextInt(3)];
        int entry = g.memory().load32(at);
        switch (random.nextInt(4)) {
            case 0 -> entry ^= 1 << random.nextInt(32);
            case 1 -> entry = random.nextInt() | P;
            case 2 -> entry = entry & 0xFFF | random.nextInt() << 12;
            default -> entry = random.nextInt(0x310) << 12 | entry & 0xFFF;
        }
        g.memory().store32(at, entry);
        if (pae && random.nextInt(6) == 0) g.memory().store32(at + 4, 1 << random.nextInt(32));
        mmu.newPageTable(g, t.root());
        var verdict = new StringBuilder();
        for (int i = 0; i < 3 && !g.dead(); i++) {
            int where = va + random.nextInt(4096), kind = random.nextInt(3);
            boolean user = random.nextBoolean();
            long translated = mmu.translate(g, where);
            boolean allowed = mmu.fill(g, where, kind, user);
            verdict.append(g.dead() ? "" : translated).append(allowed ? " yes " + mmu.physical(g, where)
                : " no " + (g.dead() ? "life" : g.cpu().errcode)).append('\n');
        }
        var sum = new java.util.zip.CRC32();
        sum.update(g.memory().segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        verdict.append("memory ").append(sum.getValue()).append(' ').append(g.endingNow());
        mmu.release(g);
        g.memory().close();
        return verdict.toString();
    }

    /** Random tables, random calls: the guest lives, or is dead for a reason. */
    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void hostileGuestNeverThrowsOutOfThePart(boolean pae) {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            Guest g = guest(random.nextBoolean() ? pae : null);
            guest = g;
            for (int i = 0; i < 3000; i++) g.memory().store32(random.nextInt(64) * 4096L + random.nextInt(1024) * 4L, entry(random));
            for (int i = 0; i < 120; i++) wild(g, random);
            close();
            guests.clear();
        }
    }

    private static int entry(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(64) << 12 | 1;
            default -> random.nextInt(80) << 12 | random.nextInt(128);
        };
    }

    private static int number(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(64) << 12;
            case 2 -> -random.nextInt(1 << 23);
            default -> random.nextInt(5000);
        };
    }

    private void wild(Guest g, Random random) {
        int a = number(random), b = number(random);
        switch (random.nextInt(11)) {
            case 0 -> mmu.newPageTable(g, a);
            case 1 -> mmu.flushUser(g);
            case 2 -> mmu.flushAll(g);
            case 3 -> mmu.setPte(g, a, b, entry(random), random.nextInt(4));
            case 4 -> mmu.setTopLevel(g, a, b);
            case 5 -> mmu.setMiddle(g, a, b);
            case 6 -> {
                g.cpu().esp1 = a;
                g.cpu().stackPages = random.nextInt(3);
                mmu.pinStack(g);
            }
            case 7 -> {
                long pa = mmu.translate(g, a);
                assertTrue(pa == -1 || g.memory().contains(pa, 1), "translated to " + pa);
            }
            default -> {
                int kind = random.nextInt(3);
                boolean user = random.nextBoolean();
                if (mmu.fill(g, a, kind, user)) assertTrue(g.memory().contains(Integer.toUnsignedLong(mmu.physical(g, a)), 1));
                else assertTrue(g.dead() || g.cpu().trapnum == 14);
            }
        }
        if (g.dead()) assertFalse(g.endingNow().reason().isBlank());
    }
}
