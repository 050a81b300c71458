package org.lguest.device.rng;

import static org.junit.jupiter.api.Assertions.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lguest.api.Guest;
import org.lguest.api.Trace;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.EntropySource;
import org.lguest.api.state.Rate;
import org.lguest.api.state.Throttle;
import org.lguest.testkit.DeviceContract;
import org.lguest.testkit.FakeDriver;
import org.lguest.testkit.FakeDriver.Piece;

class RngDeviceTest extends DeviceContract {
    /** Bytes that are not random at all: 1, 2, 3, ... */
    private static final class Counting implements EntropySource {
        private byte next = 1;

        @Override public void next(byte[] to, int offset, int length) { for (int i = 0; i < length; i++) to[offset + i] = next++; }
        @Override public String describe() { return "counting"; }
        @Override public void close() { }
    }

    @Override protected DeviceModel model() { return new RngDevice(); }

    @Override protected Backend backend() { return new Counting(); }

    @Test
    void buffersComeBackFullAndOneInterruptTellsOfAll() {
        FakeDriver d = driver(0);
        int a = d.offer(Piece.room(5));
        int b = d.offer(Piece.room(2), Piece.room(2));
        service(0);
        assertEquals("[Used[head=" + a + ", written=5], Used[head=" + b + ", written=4]]", d.used().toString());
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, d.written(a, 5));
        assertTrue(d.interrupted());
    }

    @Test
    void aGuestThatWantsNoInterruptGetsNone() {
        FakeDriver d = driver(0);
        d.noInterrupt(true);
        d.offer(Piece.room(8));
        service(0);
        assertEquals(1, d.used().size());
        assertFalse(d.interrupted());
    }

    @Test
    void hugeBuffersArePartlyFilled() {
        FakeDriver d = driver(0);
        int head = d.offer(Piece.room(100_000));
        service(0);
        int n = d.used().get(0).written();
        assertTrue(n > 0 && n <= 100_000);
        assertFalse(Arrays.equals(new byte[n], d.written(head, n)));
    }

    @Test
    void aDeviceThatIsHeldBackLeavesBuffersOnTheRingUntilTheyArePaidFor() {
        long[] now = {0};
        device.throttle = new Throttle(new Rate(0, 10), () -> now[0]);
        FakeDriver d = driver(0);
        for (int i = 0; i < 4; i++) d.offer(Piece.room(8));
        service(0);
        assertEquals(2, d.used().size(), "a tenth of a second was saved");
        assertTrue(d.interrupted(), "the guest has what there is");
        service(0);
        assertEquals(0, d.used().size());
        now[0] += device.throttle.delay();
        service(0);
        assertEquals(1, d.used().size());
        device.throttle = null;
        service(0);
        assertEquals(1, d.used().size());
    }

    @Test
    void whoWatchesIsToldOfRequestsAndAnswers() {
        List<String> steps = new ArrayList<>();
        guest.trace(null, new Trace() {
            @Override public boolean wants(Category c) { return c == Category.REQUESTS; }
            @Override public void step(Guest g, Category c, String what) { steps.add(what); }
        });
        int head = driver(0).offer(Piece.room(5));
        service(0);
        assertEquals(List.of(device + ", queue 0: request " + head + ": 0 bytes to read, 5 to write",
            device + ", queue 0: answer to " + head + ": 5 bytes written"), steps);
    }
}
