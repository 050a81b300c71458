package org.lguest.usernet;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The name server of the guest's network (RFC 1035), which knows nothing itself: queries go to the Host's resolvers as they
 * are, each from a port of its own, which is what makes forged answers hard (RFC 5452 section 9.2). Where the Host has no
 * resolver the JVM is asked for addresses and names.
 */
final class Dns {
    static final int PORT = 53, HEADER = 12;
    static final int SERVER_FAILURE = 2, REFUSED = 5;
    private static final int RESPONSE = 0x80, MAX_QUERIES = 64;

    /** A query that is under way; the guest repeats one that takes long. */
    record Key(int address, int port, int id) { }

    private final UserNet net;
    private final NameService names;
    private final Map<Key, DnsQuery> queries = new HashMap<>();

    Dns(UserNet net) {
        this.net = net;
        names = new NameService(net);
    }

    int queries() { return queries.size() + names.asking(); }

    /** A datagram for the name server. */
    void input(int source, int from, byte[] p, int body, int stop) {
        if (stop - body < HEADER || isResponse(p, body)) return; // no query
        byte[] query = java.util.Arrays.copyOfRange(p, body, stop);
        Key key = new Key(source, from, Bytes.u16(query, 0));
        if (net.settings().restrict()) {
            fail(key, query, REFUSED);
            return;
        }
        DnsQuery pending = queries.get(key);
        List<java.net.InetSocketAddress> resolvers = net.outside().resolvers();
        if (pending != null) {
            pending.next();
        } else if (resolvers.isEmpty()) {
            names.ask(key, query);
        } else if (queries.size() < MAX_QUERIES && !net.loop().crowded()) {
            DnsQuery q = new DnsQuery(net, this, key, query, resolvers);
            queries.put(key, q);
            q.next();
        }
    }

    /** The bit QR of a header that begins at {@code at} (RFC 1035 section 4.1.1). */
    static boolean isResponse(byte[] p, int at) { return (p[at + 2] & RESPONSE) != 0; }

    /** Answers the guest. */
    void answer(Key key, byte[] message, int length) {
        Udp.deliver(net, net.plan().dns(), PORT, key.address, key.port, message, length);
    }

    /** Answers with an error and the question. */
    void fail(Key key, byte[] query, int code) {
        byte[] m = query.clone();
        m[2] |= (byte) RESPONSE;
        m[3] = (byte) (0x80 | code); // recursion is available
        answer(key, m, m.length);
    }

    void ended(Key key) { queries.remove(key); }

    void close() {
        List.copyOf(queries.values()).forEach(DnsQuery::end);
        names.close();
    }
}
