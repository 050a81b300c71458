package org.lguest.netbackends;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:498 Between two runtimes: a socket on the loopback interface, at which the guests of a network's file that live here can be reached by those
 * that do not. Who comes in shows that he has read the file, and so does who is called; everybody else is turned away.
 *
 * <pre>
 *  called  32 bytes of proof
 *  caller  32 bytes of proof, then for each message  u16 offset on the page, and 1 when it can wait a moment  u32 length  the bytes
 *  called  for each message  u32 bytes stored, or why none were (Delivery)
 * </pre>
 *
 * <p>A caller waits for the answer, as a guest waits for its hypercall, but not for ever; a connection that breaks means that nobody is there any more.
 */
final class ShareDoor {
    /** Takes what came in. */
    @FunctionalInterface
    interface Taker {
        int take(int offset, byte[] data, boolean patient);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ShareDoor.class);
    private static final int PATIENCE_MILLIS = 2000, MOST = 16 * 0x10000, PROOF_BYTES = 32, PATIENT = 1;

    private final byte[] mine, theirs;
    private final Taker taker;
    private final ServerSocket server;
    private final Map<Integer, Line> lines = new ConcurrentHashMap<>();
    private final Set<Socket> callers = ConcurrentHashMap.newKeySet();

    ShareDoor(byte[] secret, Taker taker) throws IOException {
        this.taker = taker;
        mine = proof(secret, "called");
        theirs = proof(secret, "caller");
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("inter-guest network at port " + port()).start(this::listen);
    }

    private static byte[] proof(byte[] secret, String role) {
        try {
            MessageDigest d = MessageDigest.getInstance("SHA-256");
            d.update(secret);
            return d.digest(role.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    int port() { return server.getLocalPort(); }

    // --- called -----------------------------------------------------------------------------------------------------

    private void listen() {
        while (!server.isClosed()) {
            try {
                Socket caller = server.accept();
                callers.add(caller);
                Thread.ofVirtual().name("caller at port " + port()).start(() -> serve(caller));
            } catch (IOException e) {
                if (!server.isClosed()) LOG.warn("nobody can call at port {}: {}", port(), e.toString());
                return;
            }
        }
    }

    private void serve(Socket caller) {
        try (Line line = new Line(caller)) {
            line.out.write(mine);
            line.out.flush();
            caller.setTcpNoDelay(true);
            caller.setSoTimeout(PATIENCE_MILLIS);
            if (!line.shows(theirs)) return;
            caller.setSoTimeout(0);
            while (true) {
                int offset = line.in.readUnsignedShort();
                int length = line.in.readInt();
                if ((offset & ~0xFFD) != 0 || length < 0 || length > MOST) return;
                byte[] data = new byte[length];
                line.in.readFully(data);
                line.out.writeInt(taker.take(offset & ~PATIENT, data, (offset & PATIENT) != 0));
                line.out.flush();
            }
        } catch (IOException e) {
            LOG.trace("a caller at port {} has gone", port(), e); // as all do sooner or later
        } finally {
            callers.remove(caller);
        }
    }

    // --- calling ----------------------------------------------------------------------------------------------------

    /** Sends a message to the runtime at a port; answers what it answers, or that nobody is there. */
    int send(int port, int offset, byte[] data, boolean patient) {
        Line line = lines.get(port);
        try {
            if (line == null) lines.put(port, line = call(port));
            return line.send(patient ? offset | PATIENT : offset, data);
        } catch (IOException e) {
            LOG.debug("nobody takes a message at port {}: {}", port, e.toString());
            lines.remove(port);
            if (line != null) line.close();
            return Delivery.NOBODY;
        }
    }

    private Line call(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            Line line = new Line(socket);
            if (!line.shows(mine)) throw new IOException("somebody else is at port " + port);
            line.out.write(theirs);
            return line;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    void close() {
        try {
            server.close();
            for (Socket s : callers) s.close();
        } catch (IOException e) {
            LOG.debug("a socket at port {} does not close: {}", port(), e.toString());
        }
        lines.values().forEach(Line::close);
    }

    /** A connection. */
    private static final class Line implements Closeable {
        private final Socket socket;
        final DataInputStream in;
        final DataOutputStream out;

        Line(Socket socket) throws IOException {
            this.socket = socket;
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
        }

        boolean shows(byte[] proof) throws IOException { return MessageDigest.isEqual(proof, in.readNBytes(PROOF_BYTES)); }

        /** Guests of this runtime send from threads of their own, and one after the other. */
        synchronized int send(int offset, byte[] data) throws IOException {
            out.writeShort(offset);
            out.writeInt(data.length);
            out.write(data);
            out.flush();
            return in.readInt();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.trace("a socket does not close", e);
            }
        }
    }
}
