package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.state.TrapTable.Stored;

/** The guest's GDT and IDT in the Host's form. */
class TablesTest {
    private final DescriptorTable gdt = new DescriptorTable();
    private final TrapTable idt = new TrapTable();

    @Test
    void ring0DescriptorsBecomeRing1AndAccessed() {
        gdt.set(14, 0xFFFF, 0x00CF9200);
        assertEquals(0x00CFB300, gdt.high(14));
        gdt.set(14, 0xFFFF, 0x00CFF200);
        assertEquals(0x00CFF300, gdt.high(14));
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11, 16, 31})
    void hostEntriesReadAsEmptyWhateverTheGuestSays(int index) {
        gdt.set(index, 0xFFFF, 0x00CF9A00);
        assertEquals(0, gdt.low(index));
        assertEquals(0, gdt.high(index));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8, 15, 0x1F})
    void gatesThatTheHostKeepsAreIgnored(int number) {
        assertEquals(Stored.IGNORED, idt.set(number, 0x00601234, 0xC0108E00));
        assertFalse(idt.present(number));
    }

    @Test
    void gatesKeepOffsetTypeAndPrivilege() {
        assertEquals(Stored.YES, idt.set(0x80, 0x00605678, 0xC010EF00));
        assertTrue(idt.present(0x80));
        assertEquals(0xC0105678, idt.offset(0x80));
        assertEquals(3, idt.dpl(0x80));
        assertFalse(idt.interruptGate(0x80));
        idt.set(14, 0x00600000, 0xC0108E00);
        assertTrue(idt.interruptGate(14));
    }

    @Test
    void taskGatesAndNumbersBeyond255AreRefused() {
        assertEquals(Stored.BAD_TYPE, idt.set(13, 0, 0x8500));
        assertEquals(Stored.BAD_NUMBER, idt.set(256, 0, 0x8E00));
        assertEquals(Stored.BAD_NUMBER, idt.set(-1, 0, 0x8E00));
    }

    @Test
    void aGateThatIsNotPresentClearsItsEntry() {
        idt.set(3, 0x00600000, 0xC010EE00);
        assertEquals(Stored.YES, idt.set(3, 0x00600000, 0xC0100500));
        assertFalse(idt.present(3));
        assertEquals(0, idt.offset(3));
    }
}
