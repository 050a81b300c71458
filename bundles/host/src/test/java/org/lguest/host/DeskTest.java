package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.host.Bench.soon;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.DmaMessages;
import org.lguest.api.Guest;
import org.lguest.api.QueueThread;
import org.lguest.api.Trace;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.Rate;
import org.lguest.api.state.Throttle;
import org.lguest.testkit.ClassicGuest;

/** A device of Linux 2.6.23 is served when somebody is there and it may, and what it does can be watched. */
@Timeout(300)
class DeskTest {
    private static final int KEY = 0, PAYLOAD = 0x20000, BYTES = 300;

    private final ClassicGuest classic = new ClassicGuest();
    private final Guest guest = classic.guest;
    private final Bench.Plain backend = new Bench.Plain("");
    private final List<String> steps = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong clock = new AtomicLong(1_000_000_000);
    private DeviceState device;
    private Desk desk;

    /** Takes messages to a key. */
    private static final class Taker implements DeviceModel {
        @Override
        public DeviceType type() { return new DeviceType(1, "taker"); }

        @Override
        public Shape shape(Backend backend) { return new Shape(new int[0], 0, new byte[0]); }

        @Override
        public void service(Guest guest, DeviceState device, int queue, Backend backend) {
            DmaList sent = DmaMessages.sent(guest, KEY);
            if (sent != null) DmaMessages.taken(guest, device, sent, sent.bytes());
        }
    }

    @BeforeEach
    void furnish() {
        DeviceModel model = new Taker();
        device = classic.plug(model, backend);
        desk = new Desk(guest, device, new QueueThread.Seat(model, backend));
    }

    @AfterEach
    void close() { classic.close(); }

    private void send() { guest.dma().post(classic.list(PAYLOAD, BYTES), KEY); }

    /** So many messages a second; the first is free, as one may save a tenth of a second. */
    private void limit(int messages) { device.throttle = new Throttle(new Rate((long) messages * BYTES, 0), clock::get); }

    private void pass(long millis) { clock.addAndGet(millis * 1_000_000); }

    @Test
    void whoHasUsedMoreThanHisShareIsServedWhenItIsPaid() {
        limit(2);
        send();
        assertTrue(desk.serve());
        send();
        assertFalse(desk.serve());
        assertTrue(guest.dma().pending(), "nothing was taken");
        pass(399);
        assertFalse(desk.serve());
        pass(1);
        assertTrue(desk.serve());
        assertFalse(guest.dma().pending());
    }

    @Test
    void aMessageWaitsForItsTimeAndForNobodyElse() throws Exception {
        limit(1);
        send();
        desk.serveAtLast();
        send();
        Thread launcher = Thread.ofPlatform().start(() -> {
            try {
                desk.serveAtLast();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertTrue(soon(() -> launcher.getState() == Thread.State.TIMED_WAITING));
        desk.change(new QueueThread.Seat(null, null)); // and meanwhile everybody may leave
        desk.change(new QueueThread.Seat(new Taker(), backend));
        assertTrue(guest.dma().pending());
        device.throttle = null; // the user takes the limit back
        launcher.join();
        assertFalse(guest.dma().pending());
    }

    @Test
    void aDeadGuestWaitsForNothing() throws Exception {
        limit(1);
        send();
        desk.serveAtLast();
        send();
        guest.kill("enough");
        desk.serveAtLast();
        assertTrue(guest.dma().pending());
    }

    @Test
    void inputThatMayNotComeNowIsLookedForAgainSoon() throws Exception {
        limit(1);
        guest.control().awaitInput(); // what came before anybody listened
        send();
        desk.input();
        desk.input(); // held back
        assertTrue(guest.control().awaitInput(), "it would wait for ever if nobody had to come back");
    }

    @Test
    void messagesAreTracedForWhoeverWantsToKnow() {
        Trace trace = new Trace() {
            @Override
            public boolean wants(Category category) { return category == Category.REQUESTS; }

            @Override
            public void step(Guest g, Category category, String what) { steps.add(category + " " + what); }
        };
        assertTrue(guest.trace(null, trace));
        send();
        desk.serve();
        assertTrue(guest.trace(trace, null));
        send();
        desk.serve();
        assertEquals(List.of("REQUESTS taker 0: message of " + BYTES + " bytes"), steps);
    }
}
