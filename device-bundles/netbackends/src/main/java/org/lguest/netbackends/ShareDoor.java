package org.lguest.netbackends;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:498 Between two runtimes: a port of the host's own, at which the guests of a network's file that live here can be reached by those that do
 * not, and {@link ShareLine}s to the ports of others.
 *
 * <p>A guest waits for the answer, as it waits for its hypercall, but not for ever. A connection that breaks means that nobody is there any more. One that
 * is silent means that a process was stopped, or that a stranger has the port of a dead one; then a thread waits in the guest's place, and until somebody
 * answers it, nobody is there for the guests.
 */
final class ShareDoor {
    private static final Logger LOG = LoggerFactory.getLogger(ShareDoor.class);
    private static final int LONG_PATIENCE_MILLIS = 60_000;

    private final byte[] secret;
    private final ShareLine.Taker taker;
    private final int patienceMillis;
    private final ServerSocket server;
    private final Map<Integer, ShareLine> called = new ConcurrentHashMap<>();
    private final Set<Integer> silent = ConcurrentHashMap.newKeySet();
    private final Set<ShareLine> all = ConcurrentHashMap.newKeySet();

    /** With how long to wait for an answer, when a guest waits for it. */
    ShareDoor(byte[] secret, ShareLine.Taker taker, int patienceMillis) throws IOException {
        this.secret = secret.clone();
        this.taker = taker;
        this.patienceMillis = patienceMillis;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("inter-guest network at port " + port()).start(this::listen);
    }

    int port() { return server.getLocalPort(); }

    private void listen() {
        while (!server.isClosed()) {
            try {
                ShareLine caller = line(server.accept());
                Thread.ofVirtual().name("caller at port " + port()).start(() -> serve(caller));
            } catch (IOException e) {
                if (!server.isClosed()) LOG.warn("nobody can call at port {}: {}", port(), e.toString());
                return;
            }
        }
    }

    private void serve(ShareLine caller) {
        try {
            caller.answer(port(), patienceMillis, taker);
        } catch (IOException e) {
            LOG.trace("a caller at port {} has gone", port(), e); // as all do sooner or later
        } finally {
            drop(caller);
        }
    }

    /** Sends a message to the runtime at a port; answers what it answers, or that nobody is there. */
    int send(int port, int offset, byte[] data, boolean patient) {
        if (silent.contains(port)) return Delivery.NOBODY;
        ShareLine line = called.get(port);
        try {
            if (line == null) line = call(port, patienceMillis);
            return line.send(offset, data, patient);
        } catch (IOException e) {
            LOG.debug("nobody takes a message at port {}: {}", port, e.toString());
            if (line != null && called.remove(port, line)) drop(line);
            if (e instanceof SocketTimeoutException) waitFor(port);
            return Delivery.NOBODY;
        }
    }

    private ShareLine call(int port, int millis) throws IOException {
        ShareLine fresh = line(new Socket());
        try {
            fresh.call(port, millis);
            fresh.patience(patienceMillis);
        } catch (IOException e) {
            drop(fresh);
            throw e;
        }
        ShareLine first = called.putIfAbsent(port, fresh);
        if (first != null) drop(fresh); // two guests called at once
        return first == null ? fresh : first;
    }

    private void waitFor(int port) {
        if (!silent.add(port)) return;
        Thread.ofVirtual().name("waits for port " + port).start(() -> {
            try {
                call(port, LONG_PATIENCE_MILLIS);
            } catch (IOException e) {
                LOG.debug("nobody is at port {} any more: {}", port, e.toString());
            } finally {
                silent.remove(port);
            }
        });
    }

    private ShareLine line(Socket socket) {
        ShareLine line = new ShareLine(socket, secret);
        all.add(line);
        if (server.isClosed()) drop(line);
        return line;
    }

    private void drop(ShareLine line) {
        all.remove(line);
        line.close();
    }

    /** Everybody who waits learns that nobody is here. */
    void close() {
        try {
            server.close();
        } catch (IOException e) {
            LOG.debug("port {} does not close: {}", port(), e.toString());
        }
        all.forEach(this::drop);
    }
}
