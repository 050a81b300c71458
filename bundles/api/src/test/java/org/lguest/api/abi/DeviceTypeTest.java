package org.lguest.api.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class DeviceTypeTest {
    @Test
    void twoOfTheSameNumberAndLabelAreTheSameKind() {
        assertEquals(DeviceType.BLOCK, new DeviceType(2, "block"));
        assertNotEquals(DeviceType.BLOCK, new DeviceType(2, "drum"));
        assertEquals("rng", DeviceType.RNG.toString());
    }

    @Test
    void aNumberFitsIntoADescriptorAndALabelIntoAnOption() {
        for (int id : new int[] {0, -1, 256}) assertThrows(IllegalArgumentException.class, () -> new DeviceType(id, "lamp"));
        for (String label : new String[] {"", "Lamp", "la:mp", "9lives", "-"}) assertThrows(IllegalArgumentException.class, () -> new DeviceType(200, label));
    }
}
