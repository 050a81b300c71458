package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Ending;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Host;

/** The bundled guest on the shipped platform. */
@OnThePlatform
@Timeout(1800)
class PuppyIT {
    private static final GuestSpec.Device RANDOM = new GuestSpec.Device(DeviceType.RNG, "host:");
    private static final GuestSpec.Device CARD = new GuestSpec.Device(DeviceType.NET, "switch:selftest");

    @Inject private Host host;

    private static GuestSpec.Device disk(String spec) { return new GuestSpec.Device(DeviceType.BLOCK, spec); }

    @ParameterizedTest(name = "pae={0}")
    @ValueSource(booleans = {false, true})
    void bootsPassesItsOwnTestsAndPowersOff(boolean pae) throws Exception {
        try (Session s = Session.puppy(host, pae, disk("mem:1M"), RANDOM, CARD)) {
            s.await("puppy> ");
            String report = s.puppy("selftest");
            assertTrue(report.matches("(?s).*selftest: [1-9]\\d* passed, 0 failed\\s*"), report);
            s.type("poweroff");
            assertEquals(Ending.Kind.POWER_OFF, s.ending().kind());
        }
    }

    @Test
    void aSectorWrittenIsReadBackAndIsInTheFile() throws Exception {
        Path image = Files.createTempFile("puppy", ".img");
        Files.write(image, new byte[64 * 512]);
        try (Session s = Session.puppy(host, false, disk("raw:" + image))) {
            s.await("puppy> ");
            s.puppy("blk write 7 written by puppy");
            String read = s.puppy("blk read 7");
            assertTrue(read.contains("written by puppy"), read);
            s.type("poweroff");
            assertTrue(s.ending().clean());
            String sector = new String(Files.readAllBytes(image), 7 * 512, 16, StandardCharsets.US_ASCII);
            assertEquals("written by puppy", sector);
        } finally {
            Files.delete(image);
        }
    }

    @Test
    void aCrashCarriesItsReason() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            s.type("panic the moon is full");
            Ending e = s.ending();
            assertEquals(Ending.Kind.CRASH, e.kind());
            assertTrue(e.reason().contains("the moon is full"), e.reason());
        }
    }

    @Test
    void aGuestMayAskToBeStartedAnew() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            s.type("restart");
            assertEquals(Ending.Kind.RESTART, s.ending().kind());
        }
    }

    @Test
    void severalGuestsLiveSideBySide() throws Exception {
        try (Session a = Session.puppy(host, false); Session b = Session.puppy(host, true)) {
            a.await("puppy> ");
            b.await("puppy> ");
            assertTrue(a.puppy("echo from a").contains("from a"));
            a.guest.kill("one of two");
            assertEquals("one of two", a.ending().reason());
            assertTrue(b.puppy("echo from b").contains("from b"));
        }
    }
}
