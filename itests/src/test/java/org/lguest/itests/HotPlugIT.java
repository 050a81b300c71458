package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.GuestSpec;
import org.lguest.api.part.Host;

/** A guest that runs gets one more device, finds it, and uses it. */
@OnThePlatform
@Timeout(1800)
class HotPlugIT {
    @Inject private Host host;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void puppyUsesDevicesThatWerePluggedWhileAProgramRan(boolean pae) throws Exception {
        try (Session s = Session.puppy(host, pae)) {
            s.await("puppy> ");
            assertTrue(s.puppy("run bin/spin &").contains("["), "a program with an address space of its own");
            for (String d : new String[] {"rng", "block:mem:1M", "net:user"}) host.plug(s.guest, GuestSpec.Device.parse(d, false));
            String found = s.puppy("rescan");
            assertTrue(found.contains("device 1: rng") && found.contains("device 2: block") && found.contains("device 3: net"), found);
            assertTrue(s.puppy("rng").matches("(?s).*([0-9a-f]{2} ){31}[0-9a-f]{2}.*"));
            s.puppy("blk write 7 late but not too late");
            assertTrue(s.puppy("blk read 7").contains("late but not too"));
            assertTrue(s.puppy("ip dhcp").contains("10.0.2.15"));
            assertTrue(s.puppy("rescan").contains("nothing new"));
            assertTrue(s.puppy("selftest devices").contains(" 0 failed"));
        }
    }

    @Test
    void aDeviceThatNobodyDrivesDisturbsNobody() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            host.plug(s.guest, GuestSpec.Device.parse("console", false));
            assertTrue(s.puppy("rescan").contains("device 1: console (no driver)"));
            assertTrue(s.puppy("echo still here").contains("still here"));
        }
    }
}
