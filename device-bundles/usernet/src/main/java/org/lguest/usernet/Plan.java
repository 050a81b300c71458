package org.lguest.usernet;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * Who has which address in the guest's network. Addresses are IPv4, in an int. The defaults are those of QEMU's user network:
 * 10.0.2.0/24, the gateway is number 2, the name server 3, the guest 15.
 *
 * @param network the network's number, host part zero
 * @param prefix  length of the network part in bits, 8 to 28
 */
record Plan(int network, int prefix) {
    static final Plan DEFAULT = new Plan(10 << 24 | 2 << 8, 24);
    /** All hosts on this wire. */
    static final int BROADCAST = -1;

    int mask() { return -1 << 32 - prefix; }

    int gateway() { return network + 2; }

    int dns() { return network + 3; }

    /** What DHCP gives the guest. */
    int guest() { return network + (prefix > 27 ? 4 : 15); }

    int directedBroadcast() { return network | ~mask(); }

    boolean inside(int address) { return (address & mask()) == network; }

    /** Whether it is one of the addresses that we answer for. */
    boolean ours(int address) { return address == gateway() || address == dns(); }

    /** Whether a guest may call itself so. */
    boolean usable(int address) { return inside(address) && address != network && address != directedBroadcast() && !ours(address); }

    static String text(int a) { return (a >>> 24) + "." + (a >>> 16 & 255) + "." + (a >>> 8 & 255) + "." + (a & 255); }

    static int number(InetAddress a) { return Bytes.i32(a.getAddress(), 0); }

    static Inet4Address address(int a) {
        byte[] b = new byte[4];
        Bytes.put32(b, 0, a);
        try {
            return (Inet4Address) InetAddress.getByAddress(b);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
