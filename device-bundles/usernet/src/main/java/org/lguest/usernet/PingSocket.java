package org.lguest.usernet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.Inet4Address;
import java.nio.ByteOrder;

/**
 * An echo request that an ordinary user may send: Linux has datagram sockets for ICMP (icmp(7)), which write their own
 * identifier and hand out their own replies only. The administrator says whose groups may have them
 * ({@code net.ipv4.ping_group_range}); on many systems everybody's.
 */
@SuppressWarnings("restricted") // calling C is what this class is for
final class PingSocket {
    private static final int AF_INET = 2, SOCK_DGRAM = 2, SOCK_CLOEXEC = 0x80000, IPPROTO_ICMP = 1, SOL_SOCKET = 1, SO_RCVTIMEO = 20, HEADER = 8;
    private static final int ADDRESS_BYTES = 16;
    private static final ValueLayout.OfShort NETWORK_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private PingSocket() { }

    /** The functions, looked up when the first ping comes. */
    private static final class Libc {
        static final MethodHandle SOCKET = function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
        static final MethodHandle SETSOCKOPT = function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
        static final MethodHandle CONNECT = function("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
        static final MethodHandle SEND = function("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
        static final MethodHandle RECV = function("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
        static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);

        private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
        }
    }

    /** Whether this system is one that the numbers above belong to. */
    static boolean supported() { return System.getProperty("os.name").equals("Linux") && ADDRESS.byteSize() == Long.BYTES; }

    /**
     * Sends an echo request and waits for the reply.
     *
     * @return false when none comes in time
     * @throws IOException when this user may have no such socket, or the way there is not known
     */
    static boolean ping(Inet4Address to, byte[] payload, int millis) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int socket = (int) Libc.SOCKET.invokeExact(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);
            if (socket < 0) throw new IOException("no socket for echo requests; see net.ipv4.ping_group_range");
            try {
                return ping(arena, socket, to, payload, millis);
            } finally {
                int closed = (int) Libc.CLOSE.invokeExact(socket);
                assert closed == 0;
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a function of the C library threw", e);
        }
    }

    private static boolean ping(Arena arena, int socket, Inet4Address to, byte[] payload, int millis) throws Throwable {
        MemorySegment time = arena.allocate(2L * Long.BYTES, Long.BYTES);
        time.set(JAVA_LONG, 0, millis / 1000);
        time.set(JAVA_LONG, Long.BYTES, millis % 1000 * 1000L);
        int set = (int) Libc.SETSOCKOPT.invokeExact(socket, SOL_SOCKET, SO_RCVTIMEO, time, (int) time.byteSize());
        MemorySegment address = arena.allocate(ADDRESS_BYTES, Long.BYTES); // family, port, address
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
        MemorySegment.copy(to.getAddress(), 0, address, ValueLayout.JAVA_BYTE, 4, 4);
        MemorySegment message = arena.allocate(HEADER + payload.length);
        message.set(ValueLayout.JAVA_BYTE, 0, (byte) Icmp.ECHO_REQUEST);
        message.set(NETWORK_SHORT, 6, (short) 1); // sequence; identifier and checksum are the kernel's
        MemorySegment.copy(payload, 0, message, ValueLayout.JAVA_BYTE, HEADER, payload.length);
        if (set != 0 || (int) Libc.CONNECT.invokeExact(socket, address, ADDRESS_BYTES) != 0
                || (long) Libc.SEND.invokeExact(socket, message, message.byteSize(), 0) != message.byteSize())
            throw new IOException("no echo request can be sent to " + to.getHostAddress());
        long n = (long) Libc.RECV.invokeExact(socket, message, message.byteSize(), 0);
        return n >= HEADER && message.get(ValueLayout.JAVA_BYTE, 0) == Icmp.ECHO_REPLY;
    }
}
