package org.lguest.usernet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.List;

/** One query on its way through the Host's resolvers: each gets two seconds, or until the guest asks again. */
final class DnsQuery implements HostLoop.Handler {
    private static final long PATIENCE = 2_000_000_000L;

    private final UserNet net;
    private final Dns dns;
    private final Dns.Key key;
    private final byte[] query;
    private final List<InetSocketAddress> resolvers;
    private final Timers.Timer timer;
    private DatagramChannel channel;
    private int next;

    DnsQuery(UserNet net, Dns dns, Dns.Key key, byte[] query, List<InetSocketAddress> resolvers) {
        this.net = net;
        this.dns = dns;
        this.key = key;
        this.query = query;
        this.resolvers = resolvers;
        timer = net.timers().timer(this::next);
    }

    /** Asks the next resolver; when all have been asked the guest is told. */
    void next() {
        while (next < resolvers.size()) {
            InetSocketAddress resolver = resolvers.get(next++);
            hangUp();
            try {
                channel = DatagramChannel.open();
                channel.connect(resolver);
                net.loop().watch(channel, SelectionKey.OP_READ, this);
                channel.write(ByteBuffer.wrap(query));
                timer.in(PATIENCE);
                return;
            } catch (IOException e) {
                net.trouble("name server " + resolver, e);
            }
        }
        dns.fail(key, query, Dns.SERVER_FAILURE);
        end();
    }

    @Override
    public void ready(int ops) {
        try {
            ByteBuffer b = net.scratch();
            int n = channel.read(b);
            if (!answers(b.array(), n)) return;
            dns.answer(key, b.array(), n);
            end();
        } catch (IOException e) { // nobody listens there
            net.trouble("a name server", e);
            next();
        }
    }

    /**
     * Whether it is a response, and to this query. Nobody else's port may have been given to this socket, if it is one of those the Host
     * hands out: then all that comes is what was sent.
     */
    private boolean answers(byte[] message, int length) {
        return length >= Dns.HEADER && Bytes.u16(message, 0) == key.id() && Dns.isResponse(message, 0);
    }

    private void hangUp() {
        if (channel != null) net.close(channel);
        channel = null;
    }

    void end() {
        timer.forget();
        hangUp();
        dns.ended(key);
    }
}
