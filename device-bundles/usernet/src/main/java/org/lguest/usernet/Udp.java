package org.lguest.usernet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The User Datagram Protocol (RFC 768) and its address translation: each port of the guest gets a socket of the Host, the
 * same whoever the guest talks to (RFC 4787 REQ-1), and datagrams come back from hosts that the guest has written to
 * (REQ-8, "address-dependent filtering"). Flows end after two idle minutes (REQ-5), and the idlest when there are too many.
 */
final class Udp {
    static final int MAX_FLOWS = 256;
    static final long IDLE = 120_000_000_000L;
    private static final int HEADER = 8;

    private record Key(int address, int port) { }

    private final UserNet net;
    private final Dhcp dhcp;
    private final Dns dns;
    private final Timers.Timer expiry;
    private final List<UdpForward> forwards = new ArrayList<>();
    private final Map<Key, UdpFlow> flows = new LinkedHashMap<>(16, 0.75f, true);

    Udp(UserNet net) {
        this.net = net;
        dhcp = new Dhcp(net);
        dns = new Dns(net);
        expiry = net.timers().timer(this::expire);
    }

    int flows() { return flows.size(); }

    Dns dns() { return dns; }

    /** Opens a port of the Host that leads to the guest. */
    void forward(Settings.Forward f) throws IOException { forwards.add(new UdpForward(net, f)); }

    /** A datagram from the guest: IP packet at {@code at}, UDP header at {@code u}. */
    void input(byte[] p, int at, int u, int end) {
        if (end - u < HEADER) return;
        int length = Bytes.u16(p, u + 4);
        if (length < HEADER || u + length > end) return;
        int source = Bytes.i32(p, at + 12), destination = Bytes.i32(p, at + 16);
        int from = Bytes.u16(p, u), to = Bytes.u16(p, u + 2), body = u + HEADER, stop = u + length;
        if (to == Dhcp.SERVER_PORT && (destination == Plan.BROADCAST || destination == net.plan().gateway() || destination == net.plan().directedBroadcast())) {
            dhcp.input(p, body, stop);
        } else if (source == 0) {
            return; // it has no address yet
        } else if (destination == net.plan().dns()) {
            if (to == Dns.PORT) dns.input(source, from, p, body, stop);
            else net.icmp().unreachable(Icmp.PORT, p, at, end);
        } else if (destination == net.plan().gateway() || Ip.foreign(net.plan(), destination)) {
            if (!answer(source, from, destination, to, p, body, stop)) outward(p, at, u, stop);
        }
    }

    /** Whether it answers somebody who came through a forward. */
    private boolean answer(int source, int from, int destination, int to, byte[] p, int body, int stop) {
        if (destination != net.plan().gateway()) return false;
        for (UdpForward f : forwards) if (f.answer(source, from, to, p, body, stop)) return true;
        return false;
    }

    private void outward(byte[] p, int at, int u, int stop) {
        int source = Bytes.i32(p, at + 12), destination = Bytes.i32(p, at + 16);
        if (net.settings().restrict()) {
            net.icmp().unreachable(Icmp.PROHIBITED, p, at, stop);
            return;
        }
        try {
            Key key = new Key(source, Bytes.u16(p, u));
            UdpFlow flow = flows.get(key);
            if (flow == null) {
                if (flows.size() >= MAX_FLOWS) end(flows.values().iterator());
                if (net.loop().crowded()) {
                    net.lost();
                    return;
                }
                flow = new UdpFlow(net, key.address, key.port);
                flows.put(key, flow);
            }
            if (!expiry.armed()) expiry.in(IDLE);
            flow.send(destination, Bytes.u16(p, u + 2), p, u + HEADER, stop);
        } catch (IOException e) {
            net.trouble("a datagram to " + Plan.text(destination), e);
            net.icmp().unreachable(Icmp.NET, p, at, stop);
        }
    }

    private static void end(Iterator<UdpFlow> at) {
        UdpFlow f = at.next();
        at.remove();
        f.close();
    }

    /** Idle flows come first: the map is in the order of use. */
    private void expire() {
        long now = Timers.now();
        for (Iterator<UdpFlow> i = flows.values().iterator(); i.hasNext(); ) {
            UdpFlow f = i.next();
            if (now - f.used() < IDLE) break;
            i.remove();
            f.close();
        }
        if (!flows.isEmpty()) expiry.in(IDLE / 4);
    }

    /** A flow's datagram arrived for the guest: that counts as use. */
    void touch(int address, int port) { flows.get(new Key(address, port)); }

    void close() {
        flows.values().forEach(UdpFlow::close);
        flows.clear();
        forwards.forEach(UdpForward::close);
        dns.close();
    }

    /** Gives the guest a datagram of {@code length} bytes at {@code content[0]}. */
    static void deliver(UserNet net, int source, int from, int destination, int to, byte[] content, int length) {
        if (length > 65_535 - 20 - HEADER) return;
        byte[] p = new byte[Ip.PAYLOAD + HEADER + length];
        System.arraycopy(content, 0, p, Ip.PAYLOAD + HEADER, length);
        header(p, source, from, destination, to);
        net.ip().send(p, Ip.UDP, source, destination);
    }

    /** Writes the UDP header at {@link Ip#PAYLOAD} for content that reaches to the array's end. */
    static void header(byte[] p, int source, int from, int destination, int to) {
        int u = Ip.PAYLOAD, length = p.length - u;
        Bytes.put16(p, u, from);
        Bytes.put16(p, u + 2, to);
        Bytes.put16(p, u + 4, length);
        Bytes.put16(p, u + 6, 0);
        int sum = Checksums.finish(Checksums.sum(Checksums.pseudo(source, destination, Ip.UDP, length), p, u, p.length));
        Bytes.put16(p, u + 6, sum == 0 ? 0xFFFF : sum);
    }
}
