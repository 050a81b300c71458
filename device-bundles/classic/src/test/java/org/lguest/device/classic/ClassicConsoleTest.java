package org.lguest.device.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.state.DeviceState;
import org.lguest.testkit.ClassicGuest;

/** ABI section 10.5. */
class ClassicConsoleTest {
    private static final class Terminal implements ConsoleBackend {
        final StringBuilder shown = new StringBuilder();
        String typed = "";

        @Override
        public void write(byte[] bytes, int offset, int length) { shown.append(new String(bytes, offset, length, StandardCharsets.ISO_8859_1)); }

        @Override
        public int read(byte[] to, int offset, int length) {
            int n = Math.min(length, typed.length());
            for (int i = 0; i < n; i++) to[offset + i] = (byte) typed.charAt(i);
            typed = typed.substring(n);
            return n;
        }

        @Override
        public String describe() { return "test"; }

        @Override
        public void close() { }
    }

    private final ClassicGuest g = new ClassicGuest();
    private final Terminal terminal = new Terminal();
    private final ClassicConsole console = new ClassicConsole();
    private final DeviceState device = g.plug(console, terminal);

    @AfterEach
    void close() { g.close(); }

    private void service() { console.service(g.guest, device, 0, terminal); }

    private String buffer(int at, int bytes) { return g.guest.memory().string(at, bytes); }

    @Test
    void itIsInTheFirstSlotWithoutAPage() {
        long slot = device.descriptor;
        assertEquals(4 << 20, slot);
        assertEquals(1, g.guest.memory().load16(slot));
        assertEquals(0, g.guest.memory().load16(slot + 6));
        assertEquals(0, g.guest.memory().load32(slot + 8));
    }

    @Test
    void allPiecesOfAMessageArePrintedInOrder() {
        g.guest.memory().write(0x2000, "Hello, world".getBytes(StandardCharsets.ISO_8859_1), 0, 12);
        assertEquals(12, g.send(console, device, terminal, 0, g.list(0x2000, 5, 0x2005, 7)));
        assertEquals("Hello, world", terminal.shown.toString());
        assertFalse(g.guest.dma().pending(), "the guest may go on");
    }

    @Test
    void whatIsTypedArrivesWithAnInterrupt() {
        int list = g.list(0x3000, 256);
        g.guest.dma().bind(0, list, 1, 3);
        terminal.typed = "ls\n";
        service();
        assertEquals(3, g.used(list));
        assertEquals("ls\n", buffer(0x3000, 3));
        assertEquals(1 << 3, g.guest.lines().pending());
    }

    @Test
    void inputWaitsForABufferAndNothingIsLost() {
        terminal.typed = "a".repeat(300) + "b".repeat(300);
        service();
        int list = g.list(0x3000, 100);
        g.guest.dma().bind(0, list, 1, 3);
        var got = new StringBuilder();
        while (got.length() < 600) {
            service();
            int bytes = g.used(list);
            assertTrue(bytes > 0 && bytes <= 100, got.length() + " of 600, then " + bytes);
            got.append(buffer(0x3000, bytes));
            service(); // not read yet: nothing may be overwritten
            assertEquals(bytes, g.used(list));
            g.guest.memory().store32(list, 0);
        }
        assertEquals("a".repeat(300) + "b".repeat(300), got.toString());
        service();
        assertEquals(0, g.used(list));
    }

    @Test
    void aMessageFromNowhereEndsTheGuest() {
        g.send(console, device, terminal, 0, -100);
        assertEquals("Invalid address 0xffffff9c", g.guest.endingNow().reason());
    }

    @Test
    void aPieceBeyondMemoryEndsTheGuestAndNothingIsPrinted() {
        g.send(console, device, terminal, 0, g.list(0x2000, 5, 0x403000, 1));
        assertEquals("Invalid address 0x403000", g.guest.endingNow().reason());
        assertEquals("", terminal.shown.toString());
    }

    @Test
    void nothingThatAGuestSendsOrBindsThrows() {
        int died = 0;
        for (int round = 0; round < 400; round++) {
            var random = new Random(round);
            try (ClassicGuest other = new ClassicGuest()) {
                var own = new Terminal();
                own.typed = "x".repeat(600);
                DeviceState d = other.plug(console, own);
                for (int i = 0; i < 40 && !other.guest.dead(); i++) {
                    other.litter(random);
                    other.guest.dma().bind(0, ClassicGuest.hostile(random), random.nextInt(5), 1 + random.nextInt(31));
                    other.send(console, d, own, 0, ClassicGuest.hostile(random));
                }
                if (other.guest.dead()) died++;
            }
        }
        assertTrue(died > 200, "only " + died + " of 400 died: nothing hostile in it");
    }
}
