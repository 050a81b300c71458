package org.lguest.usernet;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The world as the Host sees it. Name servers are read from {@code resolv.conf} again when it has changed. */
final class HostOutside implements Outside {
    private static final Logger LOG = LoggerFactory.getLogger(HostOutside.class);
    private static final long LOOK_AGAIN = 1_000_000_000L;
    private static final int MAX_RESOLVERS = 3, DNS_PORT = 53;

    private final Path conf;
    private List<InetSocketAddress> resolvers = List.of();
    private FileTime read;
    private long looked = Timers.now() - LOOK_AGAIN;

    HostOutside(Path conf) { this.conf = conf; }

    @Override
    public InetAddress reach(int address) { return Plan.address(address); }

    @Override
    public synchronized List<InetSocketAddress> resolvers() {
        if (Timers.now() - looked < LOOK_AGAIN) return resolvers;
        looked = Timers.now();
        try {
            FileTime changed = Files.getLastModifiedTime(conf);
            if (changed.equals(read)) return resolvers;
            read = changed;
            resolvers = parse(Files.readAllLines(conf, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            LOG.debug("no list of name servers, so names are asked from the JVM", e);
            resolvers = List.of();
            read = null;
        }
        return resolvers;
    }

    /** Lines {@code nameserver ADDRESS}, at most three of them (resolv.conf(5)). */
    static List<InetSocketAddress> parse(List<String> lines) {
        List<InetSocketAddress> all = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            if (words.length < 2 || !words[0].equals("nameserver") || all.size() == MAX_RESOLVERS) continue;
            try {
                all.add(new InetSocketAddress(InetAddress.ofLiteral(words[1]), DNS_PORT));
            } catch (IllegalArgumentException e) {
                LOG.debug("a name server that is no address: {}", words[1], e);
            }
        }
        return List.copyOf(all);
    }

    /** By a socket for echo requests; else by whatever the JVM can do, which for an ordinary user is to knock at TCP port 7. */
    @Override
    public boolean ping(InetAddress address, byte[] payload, int millis) {
        if (PingSocket.supported() && address instanceof Inet4Address to) {
            try {
                return PingSocket.ping(to, payload, millis);
            } catch (IOException e) {
                LOG.debug("{}: {}", address, e.getMessage(), e);
            }
        }
        try {
            return address.isReachable(millis);
        } catch (IOException e) {
            LOG.debug("{} cannot be reached", address, e);
            return false;
        }
    }
}
