package org.lguest.netbackends;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;

/** The kinds of {@link Line}, from their specs. */
final class Lines {
    private static final String USE = "want socket:connect=HOST:PORT, socket:listen=PORT, socket:unix=PATH or socket:unix-listen=PATH";

    private Lines() { }

    /** @throws IOException with a sentence when the spec makes no sense or names an unknown host */
    static Line parse(String spec) throws IOException {
        int equals = spec.indexOf('=');
        String value = spec.substring(equals + 1);
        if (equals < 0 || value.isEmpty()) throw new IOException("'socket:" + spec + "' names no peer: " + USE);
        return switch (spec.substring(0, equals)) {
            case "connect" -> new Connecting(inet(value, false));
            case "listen" -> new Listening(inet(value, true));
            case "unix" -> new Connecting(unix(value));
            case "unix-listen" -> new Listening(unix(value));
            default -> throw new IOException("'socket:" + spec + "' is not understood: " + USE);
        };
    }

    private static SocketAddress unix(String path) throws IOException {
        try {
            return UnixDomainSocketAddress.of(Path.of(path).toAbsolutePath());
        } catch (InvalidPathException e) {
            throw new IOException("'" + path + "' is no path", e);
        }
    }

    /** HOST:PORT, [V6]:PORT, and to listen PORT alone, which only this machine can reach. */
    private static SocketAddress inet(String text, boolean listen) throws IOException {
        int colon = text.lastIndexOf(':');
        if (colon < 0 && !listen) throw new IOException("'" + text + "' is no HOST:PORT");
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
        try {
            InetAddress address = host.isEmpty() ? InetAddress.getByAddress(new byte[] {127, 0, 0, 1}) : InetAddress.getByName(host);
            return new InetSocketAddress(address, port(text.substring(colon + 1)));
        } catch (UnknownHostException e) {
            throw new IOException("there is no host " + host, e);
        }
    }

    private static int port(String text) throws IOException {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 65_536) return port;
        } catch (NumberFormatException e) { // told below
        }
        throw new IOException("'" + text + "' is no port: want a number from 1 to 65535");
    }

    /** {@code 127.0.0.1:4000}, or a path. */
    private static String name(SocketAddress a) {
        return a instanceof InetSocketAddress i ? i.getAddress().getHostAddress() + ":" + i.getPort() : a.toString();
    }

    private static SocketChannel channel(SocketAddress a) throws IOException {
        return a instanceof UnixDomainSocketAddress ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
    }

    /** Small frames are sent at once: the peer's TCP, not this one's, knows what is worth waiting for. */
    private static SocketChannel eager(SocketChannel c) throws IOException {
        if (c.getRemoteAddress() instanceof InetSocketAddress) c.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return c;
    }

    /** Calls somebody. */
    private static final class Connecting implements Line {
        private static final long FIRST_MILLIS = 100, LONGEST_MILLIS = 5000;
        private static final int PATIENCE_MILLIS = 3000;

        private final SocketAddress peer;
        private volatile SocketChannel calling;
        private volatile boolean closed;
        private SocketChannel ready;

        Connecting(SocketAddress peer) { this.peer = peer; }

        @Override
        public void prepare(boolean again) throws IOException {
            try {
                ready = connect();
            } catch (IOException e) {
                if (!again) throw new IOException("nobody answers at " + name(peer) + ": " + Reasons.why(e) + "; start the peer first", e);
            }
        }

        @Override
        public SocketChannel open() throws IOException {
            SocketChannel first = ready;
            ready = null;
            return first != null ? first : connect();
        }

        private SocketChannel connect() throws IOException {
            SocketChannel c = channel(peer);
            calling = c;
            try {
                if (closed) throw new IOException("closed");
                if (peer instanceof InetSocketAddress) c.socket().connect(peer, PATIENCE_MILLIS);
                else c.connect(peer);
                return eager(c);
            } catch (IOException | RuntimeException e) {
                c.close();
                throw e;
            }
        }

        @Override
        public Duration delay(int failures) { return Duration.ofMillis(Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(failures, 10))); }

        @Override
        public String describe() { return "to " + name(peer); }

        @Override
        public void close() throws IOException {
            closed = true;
            SocketChannel c = calling;
            if (c != null) c.close();
        }
    }

    /** Waits to be called, by one after the other. */
    private static final class Listening implements Line {
        private final SocketAddress here;
        private ServerSocketChannel server;
        private boolean bound;

        Listening(SocketAddress here) { this.here = here; }

        @Override
        public void prepare(boolean again) throws IOException {
            try {
                server = here instanceof UnixDomainSocketAddress u ? unix(u) : ServerSocketChannel.open();
                server.bind(here, 1);
                bound = true;
            } catch (IOException e) {
                throw new IOException("nobody can listen at " + name(here) + ": " + Reasons.why(e), e);
            }
        }

        /** A socket that a program left behind when it was killed goes; one where somebody listens stays, and the bind fails. */
        private static ServerSocketChannel unix(UnixDomainSocketAddress a) throws IOException {
            try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                probe.connect(a);
            } catch (SocketException e) {
                if (Files.exists(a.getPath()) && !Files.isRegularFile(a.getPath()) && !Files.isDirectory(a.getPath())) Files.delete(a.getPath());
            }
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        }

        @Override
        public SocketChannel open() throws IOException { return eager(server.accept()); }

        @Override
        public Duration delay(int failures) { return failures == 0 ? Duration.ZERO : Duration.ofSeconds(1); }

        @Override
        public String describe() { return "at " + name(here); }

        @Override
        public void close() throws IOException {
            if (server == null) return;
            server.close();
            if (bound && here instanceof UnixDomainSocketAddress u) Files.deleteIfExists(u.getPath());
            bound = false;
        }
    }
}
