package org.lguest.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes small bzImages: two setup sectors, 256 bytes of unpacker that nobody runs, the payload, 64 bytes behind it. */
final class BzImageFile {
    static final int SETUP_SECTS = 0x1F1, SYSSIZE = 0x1F4, HEADER_LENGTH = 0x201, SIGNATURE = 0x202, VERSION = 0x206, LOADFLAGS = 0x211,
        CODE32_START = 0x214, ALIGNMENT = 0x230, CMDLINE_SIZE = 0x238, PAYLOAD_OFFSET = 0x248, PAYLOAD_LENGTH = 0x24C;
    static final String RELEASE = "3.11.10-test (builder@nowhere) #1";
    private static final int CODE = 3 * 512, UNPACKER = 256;

    private BzImageFile() { }

    /** With boot protocol {@code version}. */
    static byte[] of(int version, byte[] payload) {
        int codeBytes = UNPACKER + payload.length + 64 + 15 & -16;
        ByteBuffer b = ByteBuffer.allocate(CODE + codeBytes).order(ByteOrder.LITTLE_ENDIAN);
        b.put(SETUP_SECTS, (byte) 2).putShort(0x1F2, (short) 1).putInt(SYSSIZE, codeBytes / 16).putShort(0x1FC, (short) 0x0801);
        b.putShort(0x1FE, (short) 0xAA55).put(0x200, (byte) 0xEB).put(HEADER_LENGTH, (byte) 0x66).putInt(SIGNATURE, 0x53726448);
        b.putShort(VERSION, (short) version).putShort(0x20E, (short) 0x200).put(0x400, RELEASE.getBytes(StandardCharsets.ISO_8859_1));
        b.put(LOADFLAGS, (byte) 1).putInt(CODE32_START, 0x100000).putInt(0x22C, 0x7FFFFFFF).putInt(ALIGNMENT, 0x200000).put(0x235, (byte) 13);
        b.putInt(CMDLINE_SIZE, 511).putInt(PAYLOAD_OFFSET, UNPACKER).putInt(PAYLOAD_LENGTH, payload.length).putLong(0x258, 0x1000000)
            .putInt(0x260, 0x3E0000);
        b.put(CODE, (byte) 0xFC).put(CODE + UNPACKER, payload);
        return b.array();
    }
}
