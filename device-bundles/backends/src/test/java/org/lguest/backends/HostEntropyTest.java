package org.lguest.backends;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.lguest.api.part.EntropySource;

class HostEntropyTest {
    @Test
    void entropyDiffersFromCallToCall() {
        var source = (EntropySource) new HostEntropy().open(null, "");
        byte[] a = new byte[32];
        byte[] b = new byte[32];
        source.next(a, 0, 32);
        source.next(b, 0, 32);
        assertFalse(java.util.Arrays.equals(a, b));
    }
}
