package org.lguest.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

class BundledKernelsTest {
    @Test
    void whatIsOfferedIsAnElfFileOrABzImage() throws Exception {
        for (BundledKernels.Image image : BundledKernels.images()) {
            try (InputStream in = image.open()) {
                byte[] head = in.readNBytes(0x206);
                if (head[0] == 0x7F) assertArrayEquals(new byte[] {0x7F, 'E', 'L', 'F'}, java.util.Arrays.copyOf(head, 4), image.name());
                else assertArrayEquals(new byte[] {'H', 'd', 'r', 'S'}, java.util.Arrays.copyOfRange(head, 0x202, 0x206), image.name());
            }
        }
    }

    @Test
    void anImageThatIsNotThereIsNamed() {
        var none = new BundledKernels.Image("no-such-puppy");
        assertFalse(none.present());
        assertTrue(assertThrows(FileNotFoundException.class, none::open).getMessage().contains("no-such-puppy"));
    }
}
