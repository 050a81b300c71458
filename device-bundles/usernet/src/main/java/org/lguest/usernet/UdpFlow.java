package org.lguest.usernet;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.LinkedHashMap;
import java.util.Map;

/** One UDP port of the guest and the Host's socket that stands for it. */
final class UdpFlow implements HostLoop.Handler {
    private static final int MAX_PEERS = 256, AT_ONCE = 64;

    private final UserNet net;
    private final int address, port;
    private final DatagramChannel channel;
    /** Whom the guest has written to, and by which address the guest knows them. */
    private final Map<InetAddress, Integer> peers = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Integer> eldest) { return size() > MAX_PEERS; }
    };
    private long used;

    UdpFlow(UserNet net, int address, int port) throws IOException {
        this.net = net;
        this.address = address;
        this.port = port;
        channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            channel.bind(null);
            net.loop().watch(channel, SelectionKey.OP_READ, this);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** When it was used last, by {@link Timers#now}. */
    long used() { return used; }

    void send(int destination, int to, byte[] p, int body, int stop) throws IOException {
        used = Timers.now();
        InetAddress peer = net.reach(destination);
        peers.put(peer, destination);
        if (to != 0) channel.send(ByteBuffer.wrap(p, body, stop - body), new InetSocketAddress(peer, to)); // 0 bytes sent: lost, as datagrams may be
    }

    @Override
    public void ready(int ops) {
        try {
            for (int i = 0; i < AT_ONCE; i++) {
                ByteBuffer b = net.scratch();
                if (!(channel.receive(b) instanceof InetSocketAddress from)) return;
                Integer known = from.getAddress() instanceof Inet4Address a ? peers.get(a) : null;
                if (known == null) continue;
                used = Timers.now();
                net.udp().touch(address, port);
                Udp.deliver(net, known, from.getPort(), address, port, b.array(), b.position());
            }
        } catch (IOException e) {
            net.trouble("a datagram socket", e);
        }
    }

    void close() { net.close(channel); }
}
