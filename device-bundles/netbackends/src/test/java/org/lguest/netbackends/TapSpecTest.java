package org.lguest.netbackends;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.testkit.TestGuests;

class TapSpecTest {
    @Test
    void aTapHasANameAnAddressAndABridgeAllOfWhichMayBeLeftOut() throws IOException {
        TapSpec t = TapSpec.parse("tap0,ip=192.168.19.1,bridge=br0");
        assertEquals("tap0", t.name());
        assertArrayEquals(new byte[] {(byte) 192, (byte) 168, 19, 1}, t.ip());
        assertEquals("br0", t.bridge());
        assertEquals("", TapSpec.parse(",ip=10.0.0.1").name());
        assertEquals("tap0", TapSpec.parse("tap0").name());
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1, FF000000", "172.16.0.1, FFFF0000", "192.168.19.1, FFFFFF00", "10.0.0.1/24, FFFFFF00", "10.0.0.1/32, FFFFFFFF", "10.0.0.1/0, 0"})
    void theNetworkIsThatOfTheAddressesClassUnlessSaid(String ip, String mask) throws IOException {
        assertEquals((int) Long.parseLong(mask, 16), TapSpec.parse(",ip=" + ip).mask());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tap0,", "tap0,up", "tap0,ip=1.2.3", "tap0,ip=1.2.3.256", "tap0,ip=1.2.3.4/33", "tap0,bridge=", "a-name-of-16-char", "a/b"})
    void whatMakesNoSenseIsRefused(String spec) { assertThrows(IOException.class, () -> TapSpec.parse(spec)); }

    /** Whoever may do more than that gets another sentence: nobody's loopback is a tap. */
    @Test
    void whyATapCannotBeHadIsToldInASentence() {
        String told = assertThrows(IOException.class, () -> new Taps().open(TestGuests.of(1), "lo").close()).getMessage();
        assertTrue(told.matches(".*(is no tap|may not be opened by this user|no /dev/net/tun|on Linux only).*"), told);
    }
}
