package org.lguest.cpu.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.GuestMemory;

class JournalTest {
    private final GuestMemory memory;
    private final Journal journal;

    JournalTest() throws IOException {
        memory = GuestMemory.create(1 << 20);
        journal = new Journal(memory);
    }

    @AfterEach
    void close() { memory.close(); }

    @Test
    void devicesDoNotSeeWhatIsBeingChecked() {
        memory.store32(0x100, 0x11223344);
        journal.store(0x100, 0xAABBCCDDL, 4);
        assertEquals(0x11223344, memory.load32(0x100));
        assertEquals(0xAABBCCDDL, journal.load(0x100, 4));
    }

    @Test
    void loadsFindTheBytesThatWereStoredAndTheOthers() {
        memory.store32(0x100, 0x11223344);
        journal.store(0x101, 0xFFEE, 2);
        assertEquals(0x11FFEE44L, journal.load(0x100, 4));
    }

    @Test
    void theDifferenceIsToldWhenTheInterpreterStoresSomethingElse() {
        journal.store(0x100, 0x1234, 2);
        memory.store32(0x100, 0x1235);
        assertEquals("memory at 100: 34 generated, 35 interpreted", journal.difference());
        memory.store32(0x100, 0x1234);
        assertNull(journal.difference());
    }

    @Test
    void aDeviceThatWritesWhatWasReadDisturbs() {
        journal.load(0x100, 4);
        assertFalse(journal.disturbed());
        memory.store32(0x100, 5);
        assertTrue(journal.disturbed());
    }

    @Test
    void whatTheInterpreterOverwritesIsNoDisturbance() {
        journal.load(0x100, 4);
        journal.store(0x100, 5, 4);
        memory.store32(0x100, 5);
        assertFalse(journal.disturbed());
    }
}
