package org.lguest.usernet;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** The world beyond the gateway, as the Host's ordinary sockets reach it. Tests have a world of their own. */
interface Outside {
    /** Where connections to an address lead that is neither ours nor of the guest's network. */
    InetAddress reach(int address);

    /** The Host's name servers, best first; none when it has none. */
    List<InetSocketAddress> resolvers();

    /**
     * Whether somebody answers there; waits for the answer. A thread of its own.
     *
     * @param payload what an echo request carries
     */
    boolean ping(InetAddress address, byte[] payload, int millis);
}
