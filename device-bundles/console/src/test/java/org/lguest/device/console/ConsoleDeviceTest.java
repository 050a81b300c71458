package org.lguest.device.console;

import static org.junit.jupiter.api.Assertions.*;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.Backend;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.testkit.DeviceContract;
import org.lguest.testkit.FakeDriver;
import org.lguest.testkit.FakeDriver.Piece;

class ConsoleDeviceTest extends DeviceContract {
    private static final class Terminal implements ConsoleBackend {
        final ByteArrayOutputStream printed = new ByteArrayOutputStream();
        byte[] typed = {};
        Size size = Size.UNKNOWN;

        @Override public Size size() { return size; }

        @Override public void write(byte[] bytes, int offset, int length) { printed.write(bytes, offset, length); }

        @Override public int read(byte[] to, int offset, int length) {
            int n = Math.min(length, typed.length);
            System.arraycopy(typed, 0, to, offset, n);
            typed = java.util.Arrays.copyOfRange(typed, n, typed.length);
            return n;
        }

        @Override public String describe() { return "test"; }
        @Override public void close() { }
    }

    private final Terminal terminal = new Terminal();

    @Override protected DeviceModel model() { return new ConsoleDevice(); }

    @Override protected Backend backend() {
        terminal.typed = ascii("something to give");
        return terminal;
    }

    @Test
    void theConfigurationHasTheSizeOfTheScreenAsItIsNow() {
        assertEquals(1, device.offered);
        assertEquals(0, guest.memory().load32(device.config));
        terminal.size = new ConsoleBackend.Size(132, 50);
        service(0);
        assertEquals(132, guest.memory().load16(device.config));
        assertEquals(50, guest.memory().load16(device.config + 2));
        terminal.size = new ConsoleBackend.Size(80, 24);
        service(0);
        assertEquals(80, guest.memory().load16(device.config));
    }

    @Test
    void taggedDescriptorsHaveNoRoomForASizeAndNothingIsWrittenThere() {
        DeviceModel.Shape s = model.shape(terminal, Generation.LINUX_2_6_24);
        guest.memory().close();
        guest = org.lguest.testkit.TestGuests.of(2);
        guest.expect(Generation.LINUX_2_6_24);
        device = guest.devicePage().add(model.type(), "test:", s.queueSizes(), s.features(), s.config());
        long behind = guest.memory().load64(device.config);
        terminal.size = new ConsoleBackend.Size(132, 50);
        service(0);
        assertEquals(behind, guest.memory().load64(device.config));
    }

    private static byte[] ascii(String s) { return s.getBytes(StandardCharsets.US_ASCII); }

    @Test
    void whatTheGuestPrintsArrivesInOrder() {
        FakeDriver d = driver(1);
        d.offer(Piece.of(ascii("Hello, ")), Piece.of(ascii("Host")));
        d.offer(Piece.of(ascii("!\n")));
        service(1);
        assertEquals("Hello, Host!\n", terminal.printed.toString(StandardCharsets.US_ASCII));
        assertEquals(2, d.used().size());
        assertTrue(d.interrupted());
    }

    @Test
    void inputWaitsForABufferAndABufferForInput() {
        FakeDriver d = driver(0);
        terminal.typed = ascii("ls\n");
        service(0);
        int head = d.offer(Piece.room(16));
        service(0);
        assertEquals(new FakeDriver.Used(head, 3), d.used().get(0));
        assertArrayEquals(ascii("ls\n"), d.written(head, 3));
        int second = d.offer(Piece.room(16));
        service(0);
        assertTrue(d.used().isEmpty());
        terminal.typed = ascii("x");
        service(0);
        assertEquals(new FakeDriver.Used(second, 1), d.used().get(0));
    }

    @Test
    void inputThatDoesNotFitIsKeptInTheDevicesStateForTheNextModel() {
        FakeDriver d = driver(0);
        terminal.typed = ascii("abcdef");
        int first = d.offer(Piece.room(4));
        service(0);
        assertArrayEquals(ascii("abcd"), d.written(first, 4));
        assertArrayEquals(ascii("ef"), device.undelivered);
        int second = d.offer(Piece.room(4));
        new ConsoleDevice().service(guest, device, 0, terminal);
        assertArrayEquals(ascii("ef"), d.written(second, 2));
        assertEquals(0, device.undelivered.length);
    }
}
