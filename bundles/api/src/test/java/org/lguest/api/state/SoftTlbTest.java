package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.*;
import static org.lguest.api.state.SoftTlb.*;

import org.junit.jupiter.api.Test;

class SoftTlbTest {
    private static final long ORIGIN = 0x7F00_1234_5000L;
    private final SoftTlb tlb = new SoftTlb(ORIGIN);

    private boolean readable(int bank, int va) { return tlb.readTag[index(bank, va)] == (va & PAGE_MASK); }

    private boolean writable(int bank, int va) { return tlb.writeTag[index(bank, va)] == (va & PAGE_MASK); }

    private boolean executable(int bank, int va) { return tlb.fetchTag[index(bank, va)] == (va & PAGE_MASK); }

    @Test
    void nothingIsKnownAtFirstNotEvenPageZero() {
        assertFalse(readable(SUPERVISOR, 0));
        assertFalse(writable(USER, 0));
        assertFalse(executable(USER, 0));
    }

    @Test
    void aFillIsForItsBankAndItsKindsOfAccess() {
        tlb.fill(USER, 0x08048123, 0x5000, true, false, true);
        assertTrue(readable(USER, 0x08048FFF));
        assertFalse(writable(USER, 0x08048000));
        assertTrue(executable(USER, 0x08048000));
        assertFalse(readable(SUPERVISOR, 0x08048000));
        assertEquals(0x5ABC, 0x08048ABC + tlb.addend[index(USER, 0x08048ABC)]);
    }

    @Test
    void aPlaceIsInTheJvmsMemoryWhicheverAddressIsTheLarger() {
        tlb.fill(USER, 0xFFFFF123, 0x5000, true, false, false);
        tlb.fill(SUPERVISOR, 0x1000, 0xFEDCB000, true, false, false);
        assertEquals(ORIGIN + 0x5ABC, 0xFFFFFABCL + tlb.place[index(USER, 0xFFFFFABC)]);
        assertEquals(ORIGIN + 0xFEDCBABCL, 0x1ABC + tlb.place[index(SUPERVISOR, 0x1ABC)]);
    }

    @Test
    void aSecondFillOfTheSamePageAddsAccess() {
        tlb.fill(SUPERVISOR, 0xC0001000, 0x1000, true, false, false);
        tlb.fill(SUPERVISOR, 0xC0001000, 0x1000, false, true, false);
        assertTrue(readable(SUPERVISOR, 0xC0001000));
        assertTrue(writable(SUPERVISOR, 0xC0001000));
    }

    @Test
    void anotherPageInTheSameEntryInheritsNothingEvenWithTheSameDistance() {
        int other = 0xC0001000 + ENTRIES * 4096;
        tlb.fill(SUPERVISOR, 0xC0001000, 0x1000, true, true, true);
        tlb.fill(SUPERVISOR, other, other - 0xC0000000, true, false, false);
        assertTrue(readable(SUPERVISOR, other));
        assertFalse(writable(SUPERVISOR, other));
        assertFalse(executable(SUPERVISOR, other));
        assertFalse(writable(SUPERVISOR, 0xC0001000));
    }

    @Test
    void anotherFrameForTheSamePageInheritsNothing() {
        tlb.fill(USER, 0x1000, 0x2000, true, true, true);
        tlb.fill(USER, 0x1000, 0x3000, true, false, false);
        assertFalse(writable(USER, 0x1000));
        assertFalse(executable(USER, 0x1000));
    }

    @Test
    void flushBelowSparesTheKernel() {
        tlb.fill(SUPERVISOR, 0xC0001000, 0x1000, true, true, true);
        tlb.fill(SUPERVISOR, 0xBFFFF000, 0x2000, true, true, true);
        tlb.fill(USER, 0x08048000, 0x3000, false, false, true);
        tlb.flushBelow(0xC0000000);
        assertTrue(readable(SUPERVISOR, 0xC0001000));
        assertFalse(writable(SUPERVISOR, 0xBFFFF000));
        assertFalse(executable(USER, 0x08048000));
    }

    @Test
    void flushPageDropsBothBanks() {
        tlb.fill(SUPERVISOR, 0x7000, 0x1000, true, true, true);
        tlb.fill(USER, 0x7000, 0x1000, true, true, true);
        tlb.flushPage(0x7FFF);
        assertFalse(readable(SUPERVISOR, 0x7000));
        assertFalse(readable(USER, 0x7000));
    }

    @Test
    void aFrameWithCodeLosesItsWriteTagsWhereverItIsMapped() {
        tlb.fill(SUPERVISOR, 0xC0005000, 0x5000, true, true, true);
        tlb.fill(USER, 0x08048000, 0x5000, true, true, true);
        tlb.fill(USER, 0x08049000, 0x6000, true, true, true);
        tlb.protectFrame(5);
        assertFalse(writable(SUPERVISOR, 0xC0005000));
        assertFalse(writable(USER, 0x08048000));
        assertTrue(readable(USER, 0x08048000));
        assertTrue(writable(USER, 0x08049000));
    }

    @Test
    void everyEntryCanBeInUseAndIsDropped() {
        for (int round = 0; round < 3; round++) {
            for (int bank : new int[] {SUPERVISOR, USER})
                for (int n = 0; n < ENTRIES; n++) tlb.fill(bank, (n + round) * 4096, 0x5000, true, true, true);
            tlb.flush();
            for (int tag : tlb.readTag) assertEquals(NEVER, tag);
            for (int tag : tlb.writeTag) assertEquals(NEVER, tag);
            for (int tag : tlb.fetchTag) assertEquals(NEVER, tag);
        }
    }

    @Test
    void whatIsDroppedAloneAndFilledAgainIsFlushedLikeTheRest() {
        for (int n = 0; n < 2 * ENTRIES; n++) {
            tlb.fill(USER, 0x7000, 0x1000, true, true, true);
            tlb.flushPage(0x7000);
        }
        tlb.fill(USER, 0x7000, 0x1000, true, true, true);
        tlb.flushBelow(0x8000);
        assertFalse(readable(USER, 0x7000));
        tlb.fill(USER, 0x7000, 0x1000, true, true, true);
        tlb.flush();
        assertFalse(readable(USER, 0x7000));
    }

    @Test
    void whoeverTakesRightsAwayCanBeNoticed() {
        tlb.fill(USER, 0x7000, 0x1000, true, true, true);
        int before = tlb.revocations;
        tlb.fill(USER, 0x8000, 0x2000, true, true, true);
        assertEquals(before, tlb.revocations, "a fill takes nothing away");
        for (Runnable taking : new Runnable[] {() -> tlb.flushPage(0x7000), () -> tlb.protectFrame(1), () -> tlb.flushBelow(0x1000), tlb::flush}) {
            taking.run();
            assertNotEquals(before, tlb.revocations);
            before = tlb.revocations;
        }
    }
}
