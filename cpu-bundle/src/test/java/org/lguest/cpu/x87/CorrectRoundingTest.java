package org.lguest.cpu.x87;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.FpuState;

/**
 * Transcendental functions against values computed with 1,200 bits elsewhere and rounded once. The SDM grants an error of one unit in the last place;
 * here every case is rounded correctly, in all four modes, and C1 tells the direction.
 *
 * <p>{@code functions.bin.gz}, big-endian: 0 ModRM of the D9 instruction; 1 rounding mode, bit 2 the expected C1; 2 ST(0), 12 ST(1), 22 the
 * result, each sign and exponent (2 bytes) and significand (8). Trigonometric arguments were reduced by the 66-bit pi of the unit.
 */
class CorrectRoundingTest {
    private record Case(int modrm, int mode, int xse, long xs, int yse, long ys, int se, long sig) {
        static Case read(DataInputStream in, int modrm) throws IOException {
            return new Case(modrm, in.readUnsignedByte(), in.readUnsignedShort(), in.readLong(), in.readUnsignedShort(), in.readLong(),
                in.readUnsignedShort(), in.readLong());
        }

        String run() {
            var f = new FpuState();
            f.control |= (mode & 3) << 10;
            f.tag = 0xC000;
            f.signExponent[0] = xse;
            f.significand[0] = xs;
            f.signExponent[1] = yse;
            f.significand[1] = ys;
            int outcome = new X87(f).register(1, modrm, new CpuState(), 0);
            int r = modrm == 0xF2 ? 0 : f.status >>> 11 & 7;
            boolean up = (f.status & 0x200) != 0;
            if (outcome == X87.DONE && f.signExponent[r] == se && f.significand[r] == sig && up == ((mode & 4) != 0) && (f.status & 0x3F) == 0x20) return null;
            return String.format("D9 %02X mode %d of %04X:%016X, %04X:%016X is %04X:%016X, status %04X, and should be %04X:%016X rounded %s", modrm, mode & 3,
                xse, xs, yse, ys, f.signExponent[r], f.significand[r], f.status, se, sig, (mode & 4) != 0 ? "up" : "down");
        }
    }

    @Test
    void transcendentalFunctionsAreTheTruthRoundedOnce() throws IOException {
        var failures = new ArrayList<String>();
        int count = 0;
        try (var in = new DataInputStream(new GZIPInputStream(CorrectRoundingTest.class.getResourceAsStream("functions.bin.gz")))) {
            for (int modrm = in.read(); modrm >= 0; modrm = in.read(), count++) {
                String failure = Case.read(in, modrm).run();
                if (failure != null) failures.add(failure);
            }
        }
        assertTrue(count > 1000, "only " + count + " cases");
        assertTrue(failures.isEmpty(), () -> failures.size() + " differ:\n" + String.join("\n", failures.subList(0, Math.min(10, failures.size()))));
    }
}
