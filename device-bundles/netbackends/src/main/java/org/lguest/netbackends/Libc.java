package org.lguest.netbackends;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The few functions of the C library that a tap and a shared page take, called through {@code java.lang.foreign}. Numbers are those of Linux on x86-64
 * and AArch64. A call that fails throws {@link Failure} with errno. Only where {@code os.name} is Linux; any thread.
 */
@SuppressWarnings("restricted") // calling C is what this class is for
final class Libc {
    static final int O_RDWR = 2, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;
    static final int EPERM = 1, ENOENT = 2, EIO = 5, EAGAIN = 11, EACCES = 13, EBUSY = 16, ENODEV = 19, EINVAL = 22, EBADFD = 77;
    static final short POLLIN = 1;
    static final int MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2;
    static final int AF_INET = 2, SOCK_DGRAM = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LOOKUP = LINKER.defaultLookup();
    private static final MemoryLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private static final MethodHandle OPEN = bind("open", 2, INT, POINTER, INT);
    private static final MethodHandle CLOSE = bind("close", -1, INT, INT);
    private static final MethodHandle IOCTL = bind("ioctl", 2, INT, INT, LONG, POINTER);
    private static final MethodHandle IOCTL_VALUE = bind("ioctl", 2, INT, INT, LONG, LONG);
    private static final MethodHandle READ = bind("read", -1, LONG, INT, POINTER, LONG);
    private static final MethodHandle WRITE = bind("write", -1, LONG, INT, POINTER, LONG);
    private static final MethodHandle POLL = bind("poll", -1, INT, POINTER, LONG, INT);
    private static final MethodHandle EVENTFD = bind("eventfd", -1, INT, INT, INT);
    private static final MethodHandle MREMAP = bind("mremap", 4, LONG, LONG, LONG, LONG, INT, LONG);
    private static final MethodHandle SOCKET = bind("socket", -1, INT, INT, INT, INT);

    private Libc() { }

    /** A call that failed. */
    static final class Failure extends IOException {
        private static final long serialVersionUID = 1L;
        /** Why: errno. */
        final int errno;

        Failure(String call, int errno) {
            super(call + " failed with errno " + errno);
            this.errno = errno;
        }
    }

    private static MethodHandle bind(String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        FunctionDescriptor d = FunctionDescriptor.of(result, arguments);
        Linker.Option errno = Linker.Option.captureCallState("errno");
        MemorySegment at = LOOKUP.findOrThrow(name);
        return firstVariadic < 0 ? LINKER.downcallHandle(at, d, errno) : LINKER.downcallHandle(at, d, errno, Linker.Option.firstVariadicArg(firstVariadic));
    }

    /** A call with room for errno. */
    @FunctionalInterface
    private interface Call {
        long make(MemorySegment errno) throws Throwable;
    }

    private static long call(String name, Call call) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            long result = call.make(state);
            if (result < 0) throw new Failure(name, (int) ERRNO.get(state, 0L));
            return result;
        } catch (Failure | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // a downcall throws nothing of its own
        }
    }

    static int open(String path, int flags) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return (int) call("open", e -> (int) OPEN.invokeExact(e, name, flags));
        }
    }

    static void close(int file) throws Failure { call("close", e -> (int) CLOSE.invokeExact(e, file)); }

    static int ioctl(int file, long request, MemorySegment argument) throws Failure {
        return (int) call("ioctl", e -> (int) IOCTL.invokeExact(e, file, request, argument));
    }

    static int ioctl(int file, long request, long argument) throws Failure {
        return (int) call("ioctl", e -> (int) IOCTL_VALUE.invokeExact(e, file, request, argument));
    }

    static long read(int file, MemorySegment to, long bytes) throws Failure { return call("read", e -> (long) READ.invokeExact(e, file, to, bytes)); }

    static long write(int file, MemorySegment from, long bytes) throws Failure { return call("write", e -> (long) WRITE.invokeExact(e, file, from, bytes)); }

    /** Waits for one of {@code count} struct pollfd, for ever when {@code millis} is -1. */
    static int poll(MemorySegment files, long count, int millis) throws Failure { return (int) call("poll", e -> (int) POLL.invokeExact(e, files, count, millis)); }

    static int eventfd() throws Failure { return (int) call("eventfd", e -> (int) EVENTFD.invokeExact(e, 0, O_NONBLOCK | O_CLOEXEC)); }

    /** Has another mapping of the shared pages at one address appear at another, instead of what is mapped there; both stay. */
    static void alsoMapAt(long shared, long bytes, long at) throws Failure {
        call("mremap", e -> (long) MREMAP.invokeExact(e, shared, 0L, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, at));
    }

    static int socket() throws Failure { return (int) call("socket", e -> (int) SOCKET.invokeExact(e, AF_INET, SOCK_DGRAM | O_CLOEXEC, 0)); }
}
