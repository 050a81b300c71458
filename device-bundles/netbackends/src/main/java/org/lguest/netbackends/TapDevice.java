package org.lguest.netbackends;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An open tap of Linux (Documentation/networking/tuntap of the kernel): a file from which one reads what the Host sends to an interface,
 * and to which one writes what it shall receive, each with a virtio_net_hdr before it. Numbers from linux/if_tun.h, if.h and sockios.h.
 *
 * <pre>
 * struct ifreq, 40 bytes:  0 char name[16]   16 union {short flags; int ifindex; struct sockaddr {u16 family, u16 port, u8 address[4]}}
 * </pre>
 */
final class TapDevice implements AutoCloseable {
    private static final long TUNSETIFF = 0x400454CAL, TUNSETOFFLOAD = 0x400454D0L;
    private static final short IFF_TAP = 2, IFF_NO_PI = 0x1000, IFF_VNET_HDR = 0x4000;
    private static final int TUN_F_CSUM = 1, TUN_F_TSO4 = 2, TUN_F_TSO6 = 4, TUN_F_TSO_ECN = 8;
    private static final long SIOCGIFFLAGS = 0x8913, SIOCSIFFLAGS = 0x8914, SIOCSIFADDR = 0x8916, SIOCSIFNETMASK = 0x891C, SIOCGIFINDEX = 0x8933,
        SIOCBRADDIF = 0x89A2;
    private static final short IFF_UP = 1, IFF_RUNNING = 0x40;
    private static final int IFREQ = 40, UNION = 16;
    private static final ValueLayout.OfInt NETWORK = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    final int file;
    final String name;
    /** Whether large segments and unfinished checksums go both ways. */
    final boolean offloads;

    /** Opens the tap, and sets it up as the spec says; an exception has a sentence for the user. */
    TapDevice(TapSpec spec) throws IOException {
        if (!System.getProperty("os.name").equals("Linux")) throw new IOException("taps are known here on Linux only, and this is " + System.getProperty("os.name"));
        file = openFile();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ, 8);
            name = attach(spec, request);
            offloads = offloads();
            if (spec.ip() != null || spec.bridge() != null) setUp(spec, request);
        } catch (IOException | RuntimeException e) {
            Libc.close(file);
            throw e;
        }
    }

    private int openFile() throws IOException {
        try {
            return Libc.open("/dev/net/tun", Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_CLOEXEC);
        } catch (Libc.Failure e) {
            throw new IOException(switch (e.errno) {
                case Libc.ENOENT, Libc.ENODEV -> "there is no /dev/net/tun on this host: its kernel has no taps, or \"modprobe tun\" is needed";
                case Libc.EACCES, Libc.EPERM -> "/dev/net/tun may not be opened by this user";
                default -> "/dev/net/tun cannot be opened: errno " + e.errno;
            }, e);
        }
    }

    private static void name(MemorySegment request, String name) {
        request.fill((byte) 0);
        MemorySegment.copy(name.getBytes(StandardCharsets.UTF_8), 0, request, ValueLayout.JAVA_BYTE, 0, name.getBytes(StandardCharsets.UTF_8).length);
    }

    private String attach(TapSpec spec, MemorySegment request) throws IOException {
        String wanted = spec.name().isEmpty() ? "tap%d" : spec.name();
        name(request, wanted);
        request.set(ValueLayout.JAVA_SHORT, UNION, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
        try {
            Libc.ioctl(file, TUNSETIFF, request);
            return request.getString(0);
        } catch (Libc.Failure e) {
            throw new IOException(switch (e.errno) {
                case Libc.EPERM -> "the tap " + wanted + " may not be opened by this user: an administrator can make it once by \"ip tuntap add "
                    + (spec.name().isEmpty() ? "tap0" : spec.name()) + " mode tap user NAME\", or jlguest needs the capability CAP_NET_ADMIN";
                case Libc.EBUSY -> "the tap " + wanted + " is in use by another program or guest";
                case Libc.EINVAL -> "the interface " + wanted + " is no tap, or one without virtio headers";
                default -> "the tap " + wanted + " cannot be opened: errno " + e.errno;
            }, e);
        }
    }

    /** Old kernels refuse; frames are complete then. */
    private boolean offloads() {
        try {
            Libc.ioctl(file, TUNSETOFFLOAD, (long) (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN));
            return true;
        } catch (Libc.Failure e) {
            return false;
        }
    }

    private void setUp(TapSpec spec, MemorySegment request) throws IOException {
        int socket = Libc.socket();
        try {
            if (spec.bridge() != null) join(socket, spec.bridge(), request);
            if (spec.ip() != null) address(socket, spec, request);
            name(request, name);
            Libc.ioctl(socket, SIOCGIFFLAGS, request);
            short flags = request.get(ValueLayout.JAVA_SHORT, UNION);
            request.set(ValueLayout.JAVA_SHORT, UNION, (short) (flags | IFF_UP | IFF_RUNNING));
            Libc.ioctl(socket, SIOCSIFFLAGS, request);
        } catch (Libc.Failure e) {
            throw new IOException("the tap " + name + " cannot be set up: "
                + (e.errno == Libc.EPERM ? "that takes the capability CAP_NET_ADMIN" : "errno " + e.errno), e);
        } finally {
            Libc.close(socket);
        }
    }

    private void join(int socket, String bridge, MemorySegment request) throws IOException {
        name(request, name);
        Libc.ioctl(socket, SIOCGIFINDEX, request);
        int index = request.get(ValueLayout.JAVA_INT, UNION);
        name(request, bridge);
        request.set(ValueLayout.JAVA_INT, UNION, index);
        try {
            Libc.ioctl(socket, SIOCBRADDIF, request);
        } catch (Libc.Failure e) {
            if (e.errno == Libc.ENODEV) throw new IOException("there is no bridge " + bridge, e);
            throw e;
        }
    }

    private void address(int socket, TapSpec spec, MemorySegment request) throws IOException {
        name(request, name);
        request.set(ValueLayout.JAVA_SHORT, UNION, (short) Libc.AF_INET);
        MemorySegment.copy(spec.ip(), 0, request, ValueLayout.JAVA_BYTE, UNION + 4, 4);
        Libc.ioctl(socket, SIOCSIFADDR, request);
        request.set(NETWORK, UNION + 4, spec.mask());
        Libc.ioctl(socket, SIOCSIFNETMASK, request);
    }

    @Override
    public void close() throws IOException { Libc.close(file); }
}
