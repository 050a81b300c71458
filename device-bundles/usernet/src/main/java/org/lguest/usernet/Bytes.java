package org.lguest.usernet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in network byte order inside byte arrays. */
final class Bytes {
    private static final VarHandle U16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle I32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() { }

    static int u8(byte[] b, int at) { return b[at] & 0xFF; }

    static int u16(byte[] b, int at) { return (short) U16.get(b, at) & 0xFFFF; }

    static int i32(byte[] b, int at) { return (int) I32.get(b, at); }

    static void put8(byte[] b, int at, int v) { b[at] = (byte) v; }

    static void put16(byte[] b, int at, int v) { U16.set(b, at, (short) v); }

    static void put32(byte[] b, int at, int v) { I32.set(b, at, v); }
}
