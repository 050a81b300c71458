package org.lguest.usernet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.util.concurrent.locks.ReentrantLock;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.NetBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One guest's private network: the wire's end, and the lock under which everything happens.
 *
 * <p>Three threads come in: the queue thread that sends, the one that receives, and {@link HostLoop}'s. Nobody waits inside:
 * all sockets are non-blocking. A packet from the guest is dealt with at once, on the thread that brings it, up to the
 * Host's socket; a packet for the guest is made when the guest has room for it. So neither direction needs a queue that could
 * grow, and a slow side slows down the other by nothing but its window.
 */
final class UserNet implements NetBackend {
    private static final Logger LOG = LoggerFactory.getLogger(UserNet.class);
    private static final int MIN_FRAME = 14;
    static final Inet4Address LOOPBACK = Plan.address(0x7F000001);

    /** Whose network it is. Any thread. */
    interface Owner {
        /** A frame for the guest, or from it, was lost here. */
        default void lost() { }

        /** The network has failed by a mistake of its own. */
        void failed(String reason);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final String name;
    private final Settings settings;
    private final Outside outside;
    private final Owner owner;
    private final HostLoop loop;
    private final Timers timers;
    private final Outbox outbox;
    private final Arp arp;
    private final Ip ip;
    private final Icmp icmp;
    private final Udp udp;
    private final Tcp tcp;
    private final ByteBuffer scratch = ByteBuffer.allocate(65_536);
    private volatile Runnable wake = () -> { };
    private boolean starved, closed;

    /**
     * Opens the ports that are forwarded and starts the thread.
     *
     * @throws IOException with a sentence when a port cannot be had
     */
    UserNet(String name, Settings settings, Outside outside, Owner owner) throws IOException {
        this.name = name;
        this.settings = settings;
        this.outside = outside;
        this.owner = owner;
        outbox = new Outbox(owner::lost);
        loop = new HostLoop(this, name);
        timers = new Timers(loop::wake);
        arp = new Arp(this);
        ip = new Ip(this);
        icmp = new Icmp(this);
        udp = new Udp(this);
        tcp = new Tcp(this);
        try {
            for (Settings.Forward f : settings.forwards()) forward(f);
        } catch (IOException e) {
            close();
            throw e;
        }
        loop.start();
    }

    private void forward(Settings.Forward f) throws IOException {
        try {
            if (f.tcp()) tcp.forward(f);
            else udp.forward(f);
        } catch (IOException e) {
            throw new IOException((f.tcp() ? "TCP" : "UDP") + " port " + f.hostPort() + " of " + f.host().getHostAddress()
                + " cannot be forwarded: " + e.getMessage(), e);
        }
    }

    Settings settings() { return settings; }

    Plan plan() { return settings.plan(); }

    Outside outside() { return outside; }

    HostLoop loop() { return loop; }

    Timers timers() { return timers; }

    Outbox outbox() { return outbox; }

    Arp arp() { return arp; }

    Ip ip() { return ip; }

    Icmp icmp() { return icmp; }

    Udp udp() { return udp; }

    Tcp tcp() { return tcp; }

    /** A buffer of 64 KiB for whoever has the lock, until he gives it back or calls another. */
    ByteBuffer scratch() { return scratch.clear(); }

    /** Where the Host finds what the guest calls {@code address}: behind the gateway's is the Host itself. */
    InetAddress reach(int address) { return address == plan().gateway() ? LOOPBACK : outside.reach(address); }

    /** A packet is lost here. */
    void lost() { owner.lost(); }

    /** Something outside went wrong; the guest is told by other means. */
    void trouble(String what, IOException e) { LOG.debug("{}: {}: {}", name, what, e.toString()); }

    @Override
    public long offloads() { return 1L << Virtio.NET_F_CSUM | 1L << Virtio.NET_F_HOST_TSO4 | 1L << Virtio.NET_F_GUEST_CSUM | 1L << Virtio.NET_F_GUEST_TSO4; }

    @Override
    public boolean send(byte[] packet, int length) {
        lock.lock();
        try {
            if (!closed && length >= HEADER + MIN_FRAME) frame(packet, length);
        } finally {
            leave();
        }
        return true;
    }

    private void frame(byte[] p, int length) {
        switch (Bytes.u16(p, Ip.ETHERNET + 12)) {
            case Ip.ETHERTYPE -> ip.input(p, Ip.IP, length, (p[0] & Virtio.NET_HDR_NEEDS_CSUM) != 0);
            case Arp.ETHERTYPE -> arp.input(p, Ip.IP, length);
            default -> { } // no other protocol is spoken here
        }
    }

    @Override
    public int receive(byte[] to) {
        lock.lock();
        try {
            if (closed) return 0;
            int n = outbox.take(to);
            if (n == 0) n = tcp.take(to);
            starved = n == 0;
            return n;
        } finally {
            lock.unlock();
        }
    }

    /** The connections: {@link Tcp#testament}. From then on nothing goes in or out. */
    @Override
    public byte[] handOver() {
        lock.lock();
        try {
            byte[] testament = closed ? new byte[0] : tcp.testament();
            end();
            return testament;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void takeOver(byte[] state) { later(() -> tcp.mourn(state)); }

    @Override
    public void onReady(Runnable wake) {
        this.wake = wake;
        wake.run();
    }

    /** Unlocks, and wakes the guest's receiver if there is something for it. */
    private void leave() {
        boolean news = starved && !closed && (!outbox.isEmpty() || tcp.hasOutput());
        if (news) starved = false;
        lock.unlock();
        if (news) wake.run();
    }

    /** The loop's turn: does what was found and what is due. @return false when all is over */
    boolean look(Runnable found) {
        lock.lock();
        try {
            if (closed) return false;
            found.run();
            timers.run();
            return true;
        } finally {
            leave();
        }
    }

    /** Runs under the lock what another thread has found out, unless all is over. */
    void later(Runnable action) {
        lock.lock();
        try {
            if (!closed) action.run();
        } finally {
            leave();
        }
    }

    /** Nanoseconds to the next deadline, -1: there is none. */
    long untilNext() {
        lock.lock();
        try {
            return timers.untilNext();
        } finally {
            lock.unlock();
        }
    }

    void broken(Throwable cause) {
        close();
        owner.failed("the user network failed: " + cause);
    }

    @Override
    public String describe() {
        lock.lock();
        try {
            return "user network " + Plan.text(plan().network()) + "/" + plan().prefix() + (settings.restrict() ? ", restricted" : "")
                + ", TCP connections: " + tcp.size() + ", UDP flows: " + udp.flows()
                + (settings.forwards().isEmpty() ? "" : ", forwards " + settings.forwards());
        } finally {
            lock.unlock();
        }
    }

    /** Closes a channel; the loop's thread has to see that, too, before it is really closed. */
    void close(Channel channel) {
        try {
            channel.close();
            loop.wake();
        } catch (IOException e) {
            trouble("closing a socket", e);
        }
    }

    private void end() {
        if (closed) return;
        closed = true;
        tcp.close();
        udp.close();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
        try {
            loop.close();
        } catch (UncheckedIOException e) {
            LOG.warn("{}: closing", name, e);
        }
    }
}
