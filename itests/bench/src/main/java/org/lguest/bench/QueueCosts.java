package org.lguest.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lguest.api.Guest;
import org.lguest.api.part.EntropySource;
import org.lguest.api.state.DeviceState;
import org.lguest.device.rng.RngDevice;
import org.lguest.testkit.FakeDriver;
import org.lguest.testkit.FakeDriver.Piece;
import org.lguest.testkit.TestGuests;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a request costs that has nothing to do, without the threads in between: the same for every engine. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 10, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class QueueCosts {
    private static final int BYTES = 64;

    /** Always the same number. */
    private static final class Same implements EntropySource {
        @Override
        public void next(byte[] to, int offset, int length) { to[offset] = 4; }

        @Override
        public String describe() { return "the same"; }

        @Override
        public void close() { }
    }

    private final Guest guest = TestGuests.of(2);
    private final RngDevice model = new RngDevice();
    private final Same backend = new Same();
    private FakeDriver driver;
    private DeviceState device;

    /** Called by JMH. */
    @Setup(Level.Trial)
    public void begin() {
        device = FakeDriver.plug(guest, model, model.type(), backend);
        driver = new FakeDriver(guest, device, 0);
    }

    /** Called by JMH. */
    @TearDown(Level.Trial)
    public void end() { guest.memory().close(); }

    /**
     * Why: a packet or a sector is a chain that the device takes off a ring in the guest's memory, fills, gives back and tells of; a busy disk
     * has fifty thousand a second.
     */
    @Benchmark
    public List<FakeDriver.Used> virtqueueRoundTrip() {
        driver.rewind();
        driver.offer(Piece.room(BYTES));
        model.service(guest, device, 0, backend);
        List<FakeDriver.Used> used = driver.used();
        if (used.size() != 1 || !driver.interrupted()) throw new IllegalStateException("not served: " + used);
        return used;
    }
}
