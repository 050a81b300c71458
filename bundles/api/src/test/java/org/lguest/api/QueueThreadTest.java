package org.lguest.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.Rate;
import org.lguest.api.state.Throttle;

/** When a queue is looked at. */
@Timeout(300)
class QueueThreadTest {
    private final AtomicLong now = new AtomicLong();
    private final Semaphore looks = new Semaphore(0);
    private GuestMemory memory;
    private Guest guest;
    private DeviceState device;

    @BeforeEach
    void guest() throws Exception {
        memory = GuestMemory.create(1 << 20);
        guest = new Guest(new GuestSpec("test", 1, null, null, "", List.of(), null), memory);
        device = guest.devicePage().add(DeviceType.BLOCK, "", new int[] {8}, 0, new byte[0]);
    }

    @AfterEach
    void close() { memory.close(); }

    /** Does the same at each look. */
    private record Model(Runnable work) implements DeviceModel {
        @Override
        public DeviceType type() { return DeviceType.BLOCK; }

        @Override
        public Shape shape(Backend backend) { return new Shape(new int[] {8}, 0, new byte[0]); }

        @Override
        public void service(Guest guest, DeviceState device, int queue, Backend backend) { work.run(); }
    }

    private QueueThread start(Runnable work) {
        QueueThread t = new QueueThread(guest, device, 0, new QueueThread.Seat(new Model(work), Backend.NONE));
        t.start();
        t.live(true);
        return t;
    }

    private void looked() throws InterruptedException { assertTrue(looks.tryAcquire(60, TimeUnit.SECONDS), "nobody looks at the queue"); }

    private void end(QueueThread t) {
        guest.kill("end of test");
        t.kick();
        t.finished().join();
        assertEquals(null, t.failure());
    }

    /** What a model does: answers requests until the device has used what it may, and leaves the others. */
    private void answerAndLeaveTheRest() {
        device.requests.increment();
        device.throttle.served(1);
        assertTrue(device.throttle.delay() > 0);
    }

    @Test
    void whoHadToStopInTheMiddleGoesOnAlsoWhenHisTimeIsOverBeforeHeHasReturned() throws Exception {
        device.throttle = new Throttle(new Rate(1, 0), now::get);
        QueueThread t = start(() -> {
            if (looks.availablePermits() == 0 && now.get() == 0) {
                answerAndLeaveTheRest();
                now.addAndGet(TimeUnit.MINUTES.toNanos(1)); // and the thread has not come back yet
            }
            looks.release();
        });
        looked();
        looked();
        end(t);
    }

    @Test
    void whoHadToStopInTheMiddleGoesOnWhenTheLimitIsTakenBackMeanwhile() throws Exception {
        device.throttle = new Throttle(new Rate(1, 0), now::get);
        QueueThread t = start(() -> {
            if (device.throttle != null) {
                answerAndLeaveTheRest();
                device.throttle = null;
            }
            looks.release();
        });
        looked();
        looked();
        end(t);
    }

    @Test
    void soDoesWhoWasLimitedWhileHeWaited() throws Exception {
        QueueThread t = start(() -> {
            if (device.throttle != null && now.get() == 0) {
                answerAndLeaveTheRest();
                now.addAndGet(TimeUnit.MINUTES.toNanos(1));
            }
            looks.release();
        });
        looked();
        device.throttle = new Throttle(new Rate(1, 0), now::get);
        t.kick();
        looked();
        looked();
        end(t);
    }

    @Test
    void aKickIsALook() throws Exception {
        QueueThread t = start(looks::release);
        looked();
        t.kick();
        looked();
        end(t);
    }
}
