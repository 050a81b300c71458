package org.lguest.usernet;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A world that ends at loopback: every foreign address leads there, nobody is asked for names but those named here. */
class NoOutside implements Outside {
    final List<InetSocketAddress> resolvers = new CopyOnWriteArrayList<>();
    volatile boolean there = true;
    /** Where every foreign address leads. */
    volatile InetAddress world = UserNet.LOOPBACK;

    @Override
    public InetAddress reach(int address) { return world; }

    @Override
    public List<InetSocketAddress> resolvers() { return resolvers; }

    @Override
    public boolean ping(InetAddress address, byte[] payload, int millis) { return there; }
}
