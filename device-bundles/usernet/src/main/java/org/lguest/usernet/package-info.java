/**
 * A network for a guest that takes no right of its user's but to open sockets. IPv4 only: the guest's name server hands on
 * IPv6 addresses, but no way there.
 *
 * <p>Written here because nothing to be had serves: Java's packet libraries (pcap4j and the like) take packets apart into trees of
 * objects, copying, and have no TCP; the TCPs in Java are for teaching or for a tunnel's other end, without retransmission, windows
 * or large segments; libslirp and its kin are native code.
 */
package org.lguest.usernet;
