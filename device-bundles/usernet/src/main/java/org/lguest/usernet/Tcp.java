package org.lguest.usernet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The Transmission Control Protocol (RFC 9293): finds the connection of a segment, opens and forgets connections, and lets
 * them take turns when the guest has room for a packet. Connections and their memory are bounded; when there is no more of
 * either, those that only linger go, and after them new ones are refused.
 */
final class Tcp {
    /** Who talks to whom, as the guest sees it. */
    record Key(int guest, int guestPort, int peer, int peerPort) {
        @Override
        public String toString() { return Plan.text(guest) + ":" + guestPort + "-" + Plan.text(peer) + ":" + peerPort; }
    }

    static final int MAX_CONNECTIONS = 512;
    private static final int MEMORY = 128 << 20, MOST = 256 << 10, LEAST = 16 << 10;
    private static final int NOTE = 26, FIRST_PORT = 1024, PORTS = 65_536;

    private final UserNet net;
    private final SecureRandom random = new SecureRandom();
    private final TcpSegment segment = new TcpSegment();
    private final Map<Key, TcpConnection> connections = new HashMap<>();
    private final Set<TcpConnection> lingering = new LinkedHashSet<>();
    private final ArrayDeque<TcpConnection> ready = new ArrayDeque<>();
    private final List<TcpForward> forwards = new ArrayList<>();
    private TcpConnection last;
    private int memory = MEMORY;

    Tcp(UserNet net) { this.net = net; }

    int size() { return connections.size(); }

    boolean hasOutput() { return !ready.isEmpty(); }

    // ---- from the guest

    /** A segment: IP packet at {@code at}, TCP header at {@code t}. */
    void input(byte[] p, int at, int t, int end) {
        TcpSegment s = segment;
        if (!s.parse(p, at, t, end) || s.source == 0) return;
        TcpConnection c = find(s);
        if (c != null && c.lingering() && s.has(TcpSegment.SYN)) { // the guest uses its port again (RFC 9293 section 3.6.1)
            c.drop();
            c = null;
        }
        if (c != null) c.input(s);
        else if (s.has(TcpSegment.RST)) return;
        else if ((s.flags & (TcpSegment.SYN | TcpSegment.ACK | TcpSegment.FIN)) == TcpSegment.SYN) open(s);
        else refuse(s);
    }

    private TcpConnection find(TcpSegment s) {
        if (last != null) {
            Key k = last.key();
            if (k.guestPort() == s.sourcePort && k.peerPort() == s.destinationPort && k.guest() == s.source && k.peer() == s.destination) return last;
        }
        TcpConnection c = connections.get(new Key(s.source, s.sourcePort, s.destination, s.destinationPort));
        if (c != null) last = c;
        return c;
    }

    /** There is no such connection (RFC 9293 section 3.10.7.1). */
    private void refuse(TcpSegment s) {
        Key key = new Key(s.source, s.sourcePort, s.destination, s.destinationPort);
        if (s.has(TcpSegment.ACK)) reset(key, s.ack, 0, TcpSegment.RST);
        else reset(key, 0, s.seq + s.numbers(), TcpSegment.RST | TcpSegment.ACK);
    }

    /** Sends a segment without data that belongs to no connection, or to one no more. */
    void reset(Key key, int seq, int ack, int flags) {
        byte[] card = net.arp().card(key.guest), p = new byte[Ip.PAYLOAD + TcpSegment.HEADER];
        if (card == null || !net.plan().usable(key.guest)) return;
        TcpSegment.write(p, card, key.peer, key.peerPort, key.guest, key.guestPort, seq, ack, flags, 0, 0, 0, 1);
        net.outbox().add(p);
    }

    private void open(TcpSegment s) {
        InetSocketAddress to = target(s);
        TcpConnection c = to == null ? null : create(new Key(s.source, s.sourcePort, s.destination, s.destinationPort));
        if (c == null) {
            refuse(s);
            return;
        }
        c.called(s);
        try {
            SocketChannel channel = to.getAddress().getAddress().length == 4 ? SocketChannel.open(StandardProtocolFamily.INET) : SocketChannel.open();
            try {
                channel.configureBlocking(false);
                c.connecting(channel, to);
            } catch (IOException e) {
                net.close(channel);
                throw e;
            }
        } catch (IOException e) {
            c.refused(e);
        }
    }

    /** Where a connection of the guest leads; null: nowhere. */
    private InetSocketAddress target(TcpSegment s) {
        if (net.settings().restrict()) return null;
        if (s.destination == net.plan().dns()) {
            List<InetSocketAddress> resolvers = s.destinationPort == Dns.PORT ? net.outside().resolvers() : List.of();
            return resolvers.isEmpty() ? null : resolvers.getFirst();
        }
        if (s.destination != net.plan().gateway() && !Ip.foreign(net.plan(), s.destination)) return null;
        return new InetSocketAddress(net.reach(s.destination), s.destinationPort);
    }

    private TcpConnection create(Key key) {
        while ((connections.size() >= MAX_CONNECTIONS || memory < 2 * LEAST) && !lingering.isEmpty()) lingering.iterator().next().drop();
        if (connections.size() >= MAX_CONNECTIONS || memory < 2 * LEAST || net.loop().crowded()) return null;
        int each = Math.clamp(Integer.highestOneBit(memory / 256), LEAST, MOST);
        memory -= 2 * each;
        TcpConnection c = new TcpConnection(net, key, random.nextInt(), each);
        connections.put(key, c);
        return c;
    }

    /** What to tell of a failure to connect that is no answer of the peer's, but of the way there: a code of ICMP; -1 for an answer. */
    static int unreachable(IOException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("Network is unreachable")) return Icmp.NET;
        return e instanceof NoRouteToHostException || e instanceof SocketTimeoutException || text.contains("timed out") ? Icmp.HOST : -1;
    }

    /** The guest's SYN with this number found no way. */
    void unreachable(int code, Key key, int seq) {
        byte[] p = new byte[28]; // what an ICMP error quotes
        Bytes.put8(p, 0, 0x45);
        Bytes.put16(p, 2, 40);
        Bytes.put16(p, 8, 64 << 8 | Ip.TCP);
        Bytes.put32(p, 12, key.guest);
        Bytes.put32(p, 16, key.peer);
        Bytes.put16(p, 10, Checksums.finish(Checksums.sum(0, p, 0, 20)));
        Bytes.put16(p, 20, key.guestPort);
        Bytes.put16(p, 22, key.peerPort);
        Bytes.put32(p, 24, seq);
        net.icmp().unreachable(code, p, 0, p.length);
    }

    // ---- from the Host

    /** Opens a port of the Host that leads to the guest. */
    void forward(Settings.Forward f) throws IOException { forwards.add(new TcpForward(net, f)); }

    /** Somebody came through a forward: the guest is called. */
    void call(Settings.Forward f, SocketChannel channel) {
        TcpConnection c = null;
        try {
            c = create(free(f, ((InetSocketAddress) channel.getRemoteAddress()).getPort()));
            if (c == null) net.close(channel);
            else c.calling(channel);
        } catch (IOException e) { // the client has gone already
            net.trouble("forward " + f, e);
            net.close(channel);
            if (c != null) c.drop();
        }
    }

    /** To the guest the client is a port of the gateway: its own number, or the next that is free. */
    private Key free(Settings.Forward f, int wanted) {
        Key key = new Key(f.guest(), f.guestPort(), net.plan().gateway(), wanted);
        for (int port = wanted; connections.containsKey(key); key = new Key(f.guest(), f.guestPort(), net.plan().gateway(), port))
            port = port + 1 == PORTS ? FIRST_PORT : port + 1;
        return key;
    }

    // ---- to the guest

    /** The connection may have a segment for the guest. */
    void offer(TcpConnection c) {
        if (c.queued) return;
        c.queued = true;
        ready.add(c);
    }

    /** The next segment, of the connections in turn. @return its length, 0 when there is none */
    int take(byte[] to) {
        for (TcpConnection c; (c = ready.poll()) != null; ) {
            c.queued = false;
            int n = c.output(to);
            if (n > 0) {
                offer(c); // it may have more
                return n;
            }
        }
        return 0;
    }

    /** A card is known whose address was not. */
    void neighbourCame() { connections.values().forEach(TcpConnection::neighbourCame); }

    void lingers(TcpConnection c) { lingering.add(c); }

    void gone(TcpConnection c) {
        connections.remove(c.key(), c);
        lingering.remove(c);
        memory += 2 * c.reserved();
        if (last == c) last = null;
    }

    /** All connections that the guest believes in, for {@link #mourn} of another network: {@link #NOTE} bytes each. */
    byte[] testament() {
        ByteBuffer all = ByteBuffer.allocate(connections.size() * NOTE);
        for (TcpConnection c : connections.values()) {
            byte[] card = net.arp().card(c.key().guest());
            if (card == null || !c.known()) continue;
            Key k = c.key();
            all.put(card).putInt(k.guest).putShort((short) k.guestPort).putInt(k.peer).putShort((short) k.peerPort).putInt(c.promised()).putInt(c.expected());
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    /** Resets the connections that another network had (RFC 9293 section 3.5.2); it may have been another version of this one. */
    void mourn(byte[] testament) {
        ByteBuffer all = ByteBuffer.wrap(testament);
        while (all.remaining() >= NOTE) {
            byte[] card = new byte[6];
            all.get(card);
            Key k = new Key(all.getInt(), all.getShort() & 0xFFFF, all.getInt(), all.getShort() & 0xFFFF);
            net.arp().learn(k.guest, card, 0);
            reset(k, all.getInt(), all.getInt(), TcpSegment.RST | TcpSegment.ACK);
        }
    }

    void close() {
        List.copyOf(connections.values()).forEach(TcpConnection::drop);
        forwards.forEach(TcpForward::close);
        ready.clear();
    }

    /** For the tests: all is as in the beginning. */
    boolean idle() { return connections.isEmpty() && lingering.isEmpty() && memory == MEMORY; }
}
