package org.lguest.netbackends;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.GuestMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:499 A connection between two runtimes, on the loopback interface. Anybody on the host can connect, and anybody can wait at a port that a dead
 * runtime had; so both sides show that they have read the network's file before anything of a guest is said.
 *
 * <pre>
 *  caller  32 random bytes
 *  called  32 random bytes, 32 bytes of proof
 *  caller  32 bytes of proof, then for each message  u16 offset on the page, and 1 when it can wait a moment  u32 length  the bytes
 *  called  for each message  u32 bytes stored, or why none were ({@link Delivery})
 * </pre>
 *
 * <p>A proof is the HMAC-SHA-256, by the secret in the file, of the role, the port and what both sides have made up: it is good for nobody else, for no
 * other time, and not for whoever passes it on to another port. Any thread; one message at a time.
 */
final class ShareLine implements Closeable {
    /** Takes what came in. */
    @FunctionalInterface
    interface Taker {
        int take(int offset, byte[] data, boolean patient);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ShareLine.class);
    private static final int RANDOM_BYTES = 32, PROOF_BYTES = 32, PATIENT = 1;
    /** Pieces between guests are of one page at most. */
    private static final int MOST = DmaList.SECTIONS * GuestMemory.PAGE;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Socket socket;
    private final byte[] secret;
    private DataInputStream in;
    private DataOutputStream out;

    /** By a socket that is connected already, or one that will be by {@link #call}. */
    ShareLine(Socket socket, byte[] secret) {
        this.socket = socket;
        this.secret = secret;
    }

    private void open(int millis) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(millis);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
    }

    /**
     * Connects to the runtime at a port, which shows what it knows.
     *
     * @param millis how long to wait for it
     * @throws java.net.SocketTimeoutException when somebody is there, and says nothing
     * @throws IOException                     when nobody is there, or a stranger
     */
    void call(int port, int millis) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
        open(millis);
        byte[] mine = random();
        out.write(mine);
        out.flush();
        byte[] theirs = in.readNBytes(RANDOM_BYTES);
        if (!shown(proof("called", port, mine, theirs))) throw new IOException("somebody else is at port " + port);
        out.write(proof("caller", port, mine, theirs));
    }

    /**
     * Somebody calls, at this port of ours. Gives each message of his to the taker, until he goes.
     *
     * @param millis how long he has to show what he knows
     */
    void answer(int port, int millis, Taker taker) throws IOException {
        open(millis);
        byte[] theirs = in.readNBytes(RANDOM_BYTES), mine = random();
        out.write(mine);
        out.write(proof("called", port, theirs, mine));
        out.flush();
        if (!shown(proof("caller", port, theirs, mine))) throw new IOException("a stranger called at port " + port);
        socket.setSoTimeout(0);
        while (true) {
            int offset = in.readUnsignedShort();
            int length = in.readInt();
            if ((offset & ~PATIENT & ~0xFFC) != 0 || length < 0 || length > MOST) throw new IOException("a caller at port " + port + " makes no sense");
            byte[] data = new byte[length];
            in.readFully(data);
            out.writeInt(taker.take(offset & ~PATIENT, data, (offset & PATIENT) != 0));
            out.flush();
        }
    }

    /** Guests of one runtime send from threads of their own, and one after the other. Answers what the other side does. */
    synchronized int send(int offset, byte[] data, boolean patient) throws IOException {
        out.writeShort(patient ? offset | PATIENT : offset);
        out.writeInt(data.length);
        out.write(data);
        out.flush();
        return in.readInt();
    }

    /** How long {@link #send} waits for an answer from now on. */
    void patience(int millis) throws IOException { socket.setSoTimeout(millis); }

    private static byte[] random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private boolean shown(byte[] proof) throws IOException { return MessageDigest.isEqual(proof, in.readNBytes(PROOF_BYTES)); }

    private byte[] proof(String role, int port, byte[] caller, byte[] called) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update(role.getBytes(StandardCharsets.US_ASCII));
            mac.update(ByteBuffer.allocate(4).putInt(port).array());
            mac.update(caller);
            return mac.doFinal(called);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has it
        }
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
