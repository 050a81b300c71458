package org.lguest.usernet;

import static org.lguest.usernet.Frames.*;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.lguest.api.part.NetBackend;

/**
 * The guest's end of the wire: a card, ARP, and a small TCP of its own ({@link TestSocket}) that is as fussy about what it
 * receives as a test should be: every fault that it sees is kept in {@link #faults}.
 */
final class TestGuest implements AutoCloseable {
    final NetBackend net;
    final int address;
    final List<String> faults = new CopyOnWriteArrayList<>();
    /** Packets that are no TCP and no ARP. */
    final BlockingQueue<byte[]> others = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> arps = new LinkedBlockingQueue<>();
    /** TCP segments that belong to no socket. */
    final BlockingQueue<byte[]> strays = new LinkedBlockingQueue<>();
    /** Packets that get lost on the way. */
    volatile Predicate<byte[]> loseSent = p -> false, loseReceived = p -> false;
    volatile boolean answersArp = true;
    private final Map<Integer, TestSocket> sockets = new HashMap<>(), listeners = new HashMap<>();
    private final Semaphore news = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;
    private int nextPort = 40_000;

    TestGuest(NetBackend net, String address) {
        this.net = net;
        this.address = ip(address);
        thread = Thread.ofPlatform().daemon().name("guest").start(this::run);
        net.onReady(news::release);
    }

    private void run() {
        byte[] p = new byte[NetBackend.MAX_PACKET];
        try {
            while (!closed) {
                for (int n; (n = net.receive(p)) > 0; ) if (!loseReceived.test(Arrays.copyOf(p, n))) input(Arrays.copyOf(p, n));
                news.tryAcquire(10, TimeUnit.MILLISECONDS);
                news.drainPermits();
                synchronized (this) {
                    for (TestSocket s : List.copyOf(sockets.values())) s.tick(System.nanoTime());
                }
            }
        } catch (InterruptedException | RuntimeException e) {
            faults.add("the guest's thread: " + e);
        }
    }

    private void fault(String text) { faults.add(text); }

    private void input(byte[] p) {
        int type = u16(p, L2 + 12);
        if (type == 0x0806) {
            arps.add(p);
            if (answersArp && u16(p, L3 + 6) == 1 && i32(p, L3 + 24) == address) send(arp(2, address, i32(p, L3 + 14)));
            return;
        }
        if (type != 0x0800) {
            fault("a frame of type " + type);
            return;
        }
        if (sum(0, p, L3, L3 + 20) != 0xFFFF) fault("IP checksum");
        if (u16(p, L3 + 2) != p.length - L3) fault("IP length " + u16(p, L3 + 2) + " in a packet of " + p.length);
        if (u8(p, L3 + 9) == 6) tcp(p);
        else others.add(p);
    }

    private void tcp(byte[] p) {
        int header = (p[L4 + 12] >>> 4 & 15) * 4, length = p.length - L4;
        boolean partial = (p[0] & 1) != 0;
        if (partial && u16(p, L4 + 16) != pseudo(p, 6, length)) fault("the pseudo header's sum");
        if (!partial && sum(pseudo(p, 6, length), p, L4, p.length) != 0xFFFF) fault("TCP checksum");
        int data = length - header, cut = u8(p, 4) | u8(p, 5) << 8;
        if (data > 1460 && (p[1] != 1 || cut == 0)) fault("a large segment that does not say how to be cut");
        synchronized (this) {
            TestSocket s = sockets.get(u16(p, L4 + 2) << 16 | u16(p, L4));
            boolean syn = (p[L4 + 13] & 0x12) == 2;
            if (s == null && syn && listeners.containsKey(u16(p, L4 + 2))) {
                s = listeners.get(u16(p, L4 + 2)).accept(u16(p, L4), i32(p, L3 + 12));
                sockets.put(u16(p, L4 + 2) << 16 | u16(p, L4), s);
            }
            if (s != null) s.input(p);
            else strays.add(p);
        }
    }

    /** Sends a packet, unless it gets lost. */
    void send(byte[] p) {
        if (!loseSent.test(p)) net.send(p.clone(), p.length);
    }

    /** A socket that has begun to connect; the caller waits for it. */
    synchronized TestSocket connect(String to, int port) { return connect(to, port, new TestSocket.Manners()); }

    synchronized TestSocket connect(String to, int port, TestSocket.Manners manners) {
        TestSocket s = new TestSocket(this, nextPort++, ip(to), port, manners);
        sockets.put(s.port() << 16 | port, s);
        s.connect();
        return s;
    }

    /** Sockets that arrive are in its {@code accepted} queue. */
    synchronized TestSocket listen(int port, TestSocket.Manners manners) {
        TestSocket s = new TestSocket(this, port, 0, 0, manners);
        listeners.put(port, s);
        return s;
    }

    /** Waits for a packet that is no TCP. */
    byte[] other() throws InterruptedException {
        byte[] p = others.poll(60, TimeUnit.SECONDS);
        if (p == null) throw new AssertionError("nothing came");
        return p;
    }

    /** Waits for a datagram and returns its content. */
    byte[] datagram() throws InterruptedException {
        byte[] p = other();
        if (u8(p, L3 + 9) != 17) throw new AssertionError("protocol " + u8(p, L3 + 9) + " came instead of UDP");
        if (sum(pseudo(p, 17, p.length - L4), p, L4, p.length) != 0xFFFF) fault("UDP checksum");
        return Arrays.copyOfRange(p, L4 + 8, p.length);
    }

    @Override
    public void close() {
        closed = true;
        news.release();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        net.close();
    }
}
