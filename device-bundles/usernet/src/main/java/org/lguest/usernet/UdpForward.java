package org.lguest.usernet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A UDP port of the Host that leads to the guest. To the guest its clients look like ports of the gateway: the client's own
 * port number where that is free. The clients longest silent are forgotten when there are too many.
 */
final class UdpForward implements HostLoop.Handler {
    private static final int MAX_CLIENTS = 256, AT_ONCE = 64, FIRST_PORT = 1024;

    private final UserNet net;
    private final Settings.Forward forward;
    private final DatagramChannel channel;
    private final Map<InetSocketAddress, Integer> ports = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Integer, InetSocketAddress> clients = new HashMap<>();

    UdpForward(UserNet net, Settings.Forward forward) throws IOException {
        this.net = net;
        this.forward = forward;
        channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            channel.bind(new InetSocketAddress(forward.host(), forward.hostPort()));
            net.loop().watch(channel, SelectionKey.OP_READ, this);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void ready(int ops) {
        try {
            for (int i = 0; i < AT_ONCE; i++) {
                ByteBuffer b = net.scratch();
                if (!(channel.receive(b) instanceof InetSocketAddress client)) return;
                Udp.deliver(net, net.plan().gateway(), port(client), forward.guest(), forward.guestPort(), b.array(), b.position());
            }
        } catch (IOException e) {
            net.trouble("forward " + forward, e);
        }
    }

    private int port(InetSocketAddress client) {
        Integer known = ports.get(client);
        if (known != null) return known;
        if (ports.size() == MAX_CLIENTS) {
            Iterator<Integer> eldest = ports.values().iterator();
            clients.remove(eldest.next());
            eldest.remove();
        }
        int port = client.getPort();
        while (clients.containsKey(port)) port = port == 65_535 ? FIRST_PORT : port + 1;
        ports.put(client, port);
        clients.put(port, client);
        return port;
    }

    /** The guest sent a datagram to the gateway's port {@code to}; takes it if that is one of the clients here. */
    boolean answer(int source, int from, int to, byte[] p, int body, int stop) {
        InetSocketAddress client = clients.get(to);
        if (client == null || source != forward.guest() || from != forward.guestPort()) return false;
        ports.get(client); // it was used
        try {
            channel.send(ByteBuffer.wrap(p, body, stop - body), client);
        } catch (IOException e) {
            net.trouble("forward " + forward, e);
        }
        return true;
    }

    void close() { net.close(channel); }
}
