package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Ending;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.Life;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.ConsoleHub;
import org.lguest.api.state.GuestMemory;
import org.lguest.host.Bench.Engine;
import org.lguest.host.Bench.Reference;

/** Guests are asked to end themselves, and end in any case. */
@Timeout(300)
class DepartureTest {
    private final Bench bench = Bench.withoutCpu();

    @BeforeEach
    void cpu() { bench.host.bindCpu(new Reference<>(0), new Engine()); }

    @AfterEach
    void unplug() { bench.close(); }

    /** A console at which one can type; {@code heard} gets a line at Enter. */
    private static final class Hub implements ConsoleHub {
        private final StringBuilder line = new StringBuilder();
        private final Consumer<String> heard;

        Hub(Consumer<String> heard) { this.heard = heard; }

        @Override
        public Attachment attach(Reader reader, long position) { throw new UnsupportedOperationException(); }

        @Override
        public int feed(byte[] bytes, int offset, int length) {
            if (length > 1) return feed(bytes, offset, 1); // one is enough at a time
            if (bytes[offset] != '\r') line.append(new String(bytes, offset, 1, StandardCharsets.US_ASCII));
            else heard.accept(line.toString());
            return 1;
        }

        @Override
        public void resize(Size size) { }

        @Override
        public void write(byte[] bytes, int offset, int length) { }

        @Override
        public int read(byte[] to, int offset, int length) { return 0; }

        @Override
        public String describe() { return "hub"; }

        @Override
        public void close() { }
    }

    private Guest running(Farewell farewell, Consumer<String> heard) throws Exception {
        bench.host.bindProvider(new Reference<>(1), new BackendProvider() {
            @Override
            public DeviceType type() { return DeviceType.CONSOLE; }

            @Override
            public String scheme() { return "hub"; }

            @Override
            public Backend open(Guest guest, String rest) { return new Hub(heard); }
        });
        return running("rex", farewell);
    }

    private Guest running(String name, Farewell farewell) throws Exception {
        Guest g = new Guest(new GuestSpec(name, 1, null, null, "", List.of(), null).leaving(farewell), GuestMemory.create(1 << 20));
        bench.host.admit(g);
        bench.host.start(g);
        return g;
    }

    private static List<String> log(Guest g) { return g.log().events().stream().map(e -> e.text()).toList(); }

    @Test
    void aGuestThatListensEndsInItsOwnWay() throws Exception {
        Guest[] g = new Guest[1];
        CountDownLatch there = new CountDownLatch(1);
        g[0] = running(new Farewell("\003root\npoweroff", 50), word -> {
            there.countDown();
            if (word.endsWith("poweroff")) g[0].end(Ending.Kind.POWER_OFF, "heard " + word);
        });
        assertEquals(new Ending(Ending.Kind.POWER_OFF, "heard \003rootpoweroff"), bench.host.stop(g[0], g[0].spec().farewell()));
        assertTrue(g[0].dismissed(), "nobody starts it anew");
        assertEquals(List.of(), bench.host.guests());
        assertTrue(log(g[0]).stream().anyMatch(l -> l.endsWith(": ^Croot^Jpoweroff")), () -> log(g[0]).toString());
        assertEquals(0, there.getCount());
    }

    @Test
    void aGuestThatDoesNotListenIsStoppedWhenItsTimeIsOver() throws Exception {
        Guest g = running(new Farewell("go away", 1), word -> { });
        assertEquals(new Ending(Ending.Kind.POWER_OFF, "stopped by the user"), bench.host.stop(g, g.spec().farewell()));
        assertTrue(log(g).contains("did not end itself"));
    }

    @Test
    void aGuestThatNobodyKnowsHowToAskIsNotKeptWaiting() throws Exception {
        Guest g = running(Farewell.NONE, word -> { throw new AssertionError(word); });
        assertEquals("stopped by the user", bench.host.stop(g, Farewell.NONE).reason());
    }

    @Test
    void aGuestThatIsPausedCannotListen() throws Exception {
        Guest g = running(new Farewell("go away", 3600), word -> { throw new AssertionError(word); });
        g.vcpu().pause(true);
        assertTrue(Bench.soon(() -> g.life() == Life.PAUSED));
        assertEquals("stopped by the user", bench.host.stop(g, g.spec().farewell()).reason());
    }

    @Test
    void whenTheFrameworkStopsAllGuestsAreAskedAtOnce() throws Exception {
        CountDownLatch both = new CountDownLatch(2); // nobody ends before all are asked
        Consumer<String> heard = word -> {
            both.countDown();
            if (both.getCount() == 0) bench.host.guests().forEach(g -> g.end(Ending.Kind.POWER_OFF, "heard " + word));
        };
        Guest rex = running(new Farewell("bye", 50), heard);
        Guest fido = running("fido", new Farewell("bye", 50));
        bench.host.stop();
        for (Guest g : List.of(rex, fido)) assertEquals("heard bye", g.endingNow().reason());
        assertFalse(rex.memory().segment().scope().isAlive());
    }
}
