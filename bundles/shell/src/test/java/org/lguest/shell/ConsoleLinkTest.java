package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.ConsoleHub;
import org.lguest.api.part.Host;
import org.lguest.testkit.TestGuests;

@Timeout(300)
class ConsoleLinkTest {
    /** A hub of one reader, which takes so many bytes of what is typed. */
    private static final class Hub implements ConsoleHub {
        final String before;
        final StringBuffer typed = new StringBuffer();
        final int room;
        volatile Reader reader;
        volatile long from;
        Size size;

        Hub(String before, int room) {
            this.before = before;
            this.room = room;
        }

        @Override
        public Attachment attach(Reader to, long position) {
            from = Math.min(position, before.length());
            String kept = before.substring((int) from);
            to.output(ascii(kept), 0, kept.length());
            reader = to;
            return new Attachment() {
                @Override
                public long position() { return before.length(); }

                @Override
                public void close() { reader = null; }
            };
        }

        @Override
        public synchronized int feed(byte[] bytes, int offset, int length) {
            int n = Math.min(length, room - typed.length());
            typed.append(new String(bytes, offset, n, StandardCharsets.US_ASCII));
            return n;
        }

        @Override
        public void resize(Size now) { size = now; }

        @Override
        public void write(byte[] bytes, int offset, int length) { reader.output(bytes, offset, length); }

        @Override
        public int read(byte[] to, int offset, int length) { return 0; }

        @Override
        public String describe() { return "test"; }

        @Override
        public void close() { }
    }

    private final Guest guest = TestGuests.of(2);
    private final StringBuffer screen = new StringBuffer();
    private volatile Hub hub;
    private final Host host = (Host) Proxy.newProxyInstance(Host.class.getClassLoader(), new Class<?>[] {Host.class},
        (proxy, method, arguments) -> method.getName().equals("backend") ? Optional.ofNullable(hub) : null);

    private static byte[] ascii(String s) { return s.getBytes(StandardCharsets.US_ASCII); }

    private ConsoleLink link() throws UsageException {
        if (guest.devicePage().devices().isEmpty()) guest.devicePage().add(DeviceType.CONSOLE, "hub:", new int[] {8, 8}, 0, new byte[0]);
        return new ConsoleLink(host, guest, (b, o, n) -> screen.append(new String(b, o, n, StandardCharsets.US_ASCII)), true);
    }

    @AfterEach
    void free() {
        guest.kill("end of test");
        guest.memory().close();
    }

    private static void until(java.util.function.BooleanSupplier condition) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); !condition.getAsBoolean(); LockSupport.parkNanos(100_000))
            assertTrue(System.nanoTime() < end, "it did not come to pass");
    }

    @Test
    void anotherHubIsReadFromWhereTheOldOneWasLeft() throws Exception {
        hub = new Hub("one two ", 0);
        try (ConsoleLink line = link()) {
            assertEquals("one two ", screen.toString());
            Hub next = new Hub("one two three", 0);
            hub = next;
            until(() -> next.reader != null);
            assertEquals(8, next.from);
            assertEquals("one two three", screen.toString());
            line.resize(new Hub.Size(80, 24));
            assertEquals(new Hub.Size(80, 24), next.size);
        }
    }

    @Test
    void whatOneHubDidNotTakeIsTypedToTheNext() throws Exception {
        Hub first = new Hub("", 3);
        hub = first;
        try (ConsoleLink line = link()) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    line.feed(ascii("abcdef"), 0, 6);
                    done.complete(null);
                } catch (InterruptedException e) {
                    done.completeExceptionally(e);
                }
            });
            until(() -> first.typed.length() == 3);
            hub = null; // for a while there is none
            Hub next = new Hub("", 100);
            hub = next;
            done.get(60, TimeUnit.SECONDS);
            assertEquals("abc", first.typed.toString());
            assertEquals("def", next.typed.toString());
        }
    }

    @Test
    void aTypistIsLetGoWhenTheGuestDies() throws Exception {
        hub = new Hub("", 0);
        try (ConsoleLink line = link()) {
            guest.kill("dead");
            line.feed(ascii("into the void"), 0, 13);
        }
    }

    @Test
    void aTypistIsLetGoWhenTheLineIsClosed() throws Exception {
        hub = new Hub("", 0);
        ConsoleLink line = link();
        line.close();
        line.feed(ascii("into the void"), 0, 13);
    }

    @Test
    void aConsoleThatNobodyCanAttachToIsTold() {
        assertTrue(assertThrows(UsageException.class, () -> new ConsoleLink(host, guest, (b, o, n) -> { }, true)).getMessage().contains("has no console"));
        assertTrue(assertThrows(UsageException.class, this::link).getMessage().contains("nobody can attach"));
    }
}
