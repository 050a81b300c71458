package org.lguest.usernet;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions for A, AAAA and PTR records (RFC 1035 sections 3.3 and 4.1, RFC 3596) through the JVM's own look-up. That
 * waits, in native code, so each question has a thread; their number is bounded.
 */
final class NameService {
    private static final Logger LOG = LoggerFactory.getLogger(NameService.class);
    private static final int MAX_ASKING = 32, A = 1, PTR = 12, AAAA = 28, INTERNET = 1, NAME_ERROR = 3, NOT_IMPLEMENTED = 4, FORMAT_ERROR = 1;
    private static final int TTL_SECONDS = 60, MAX_ANSWERS = 8, POINTER_TO_QUESTION = 0xC000 | Dns.HEADER;
    private static final String REVERSE = ".in-addr.arpa";

    /** What is asked: the name in lower case without a last dot, and where the question ends. */
    private record Question(String name, int type, int end) { }

    private final UserNet net;
    private int asking;

    NameService(UserNet net) { this.net = net; }

    int asking() { return asking; }

    void close() { asking = 0; }

    void ask(Dns.Key key, byte[] query) {
        Question q = Bytes.u16(query, 4) == 1 && (query[2] & 0x78) == 0 ? question(query) : null;
        if (q == null) {
            net.udp().dns().fail(key, query, FORMAT_ERROR);
        } else if (q.type != A && q.type != AAAA && q.type != PTR) {
            net.udp().dns().fail(key, query, NOT_IMPLEMENTED);
        } else if (asking < MAX_ASKING) {
            asking++;
            Thread.ofPlatform().daemon().name("name look-up").start(() -> {
                byte[] answer = answer(query, q);
                net.later(() -> {
                    asking--;
                    net.udp().dns().answer(key, answer, answer.length);
                });
            });
        }
    }

    /** The first question; null when it is malformed, compressed or of another class. */
    private static Question question(byte[] m) {
        StringBuilder name = new StringBuilder();
        int at = Dns.HEADER;
        while (at < m.length && m[at] != 0) {
            int n = Bytes.u8(m, at);
            if (n > 63 || at + 1 + n >= m.length || name.length() + n > 254) return null;
            if (!name.isEmpty()) name.append('.');
            name.append(new String(m, at + 1, n, StandardCharsets.ISO_8859_1));
            at += 1 + n;
        }
        if (at + 5 > m.length || Bytes.u16(m, at + 3) != INTERNET) return null;
        return new Question(name.toString().toLowerCase(java.util.Locale.ROOT), Bytes.u16(m, at + 1), at + 5);
    }

    private static byte[] answer(byte[] query, Question q) {
        List<byte[]> records = new ArrayList<>();
        int code = 0;
        try {
            if (q.type == PTR) records.add(name(reverse(q.name)));
            else for (InetAddress a : InetAddress.getAllByName(q.name.isEmpty() ? "." : q.name))
                if (a instanceof Inet4Address == (q.type == A) && records.size() < MAX_ANSWERS) records.add(a.getAddress());
        } catch (UnknownHostException | IllegalArgumentException e) {
            LOG.debug("no such name: {}", q.name, e);
            code = NAME_ERROR;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] head = java.util.Arrays.copyOf(query, q.end);
        head[2] = (byte) (0x80 | query[2] & 1);
        head[3] = (byte) (0x80 | code);
        Bytes.put16(head, 6, records.size());
        Bytes.put32(head, 8, 0);
        out.writeBytes(head);
        for (byte[] r : records) {
            byte[] fixed = new byte[12];
            Bytes.put16(fixed, 0, POINTER_TO_QUESTION);
            Bytes.put16(fixed, 2, q.type);
            Bytes.put16(fixed, 4, INTERNET);
            Bytes.put32(fixed, 6, TTL_SECONDS);
            Bytes.put16(fixed, 10, r.length);
            out.writeBytes(fixed);
            out.writeBytes(r);
        }
        return out.toByteArray();
    }

    private static String reverse(String name) throws UnknownHostException {
        String[] parts = name.endsWith(REVERSE) ? name.substring(0, name.length() - REVERSE.length()).split("\\.") : new String[0];
        if (parts.length != 4) throw new UnknownHostException(name);
        InetAddress address = InetAddress.ofLiteral(parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0]);
        String found = address.getCanonicalHostName();
        if (found.equals(address.getHostAddress())) throw new UnknownHostException(name);
        return found;
    }

    private static byte[] name(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : text.split("\\.")) {
            byte[] b = label.getBytes(StandardCharsets.ISO_8859_1);
            int n = Math.min(63, b.length);
            out.write(n);
            out.write(b, 0, n);
        }
        out.write(0);
        return out.toByteArray();
    }
}
