package org.lguest.usernet;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands behind {@code user:}, understood: {@code net=10.0.2.0/24,hostname=rex,restrict=on,hostfwd=tcp:2222-:22}.
 *
 * @param hostname what DHCP calls the guest; null: nothing
 * @param restrict only forwards pass
 */
record Settings(Plan plan, String hostname, boolean restrict, List<Forward> forwards) {
    /**
     * A port of the Host that leads to one of the guest.
     *
     * @param host       address on the Host, IPv4
     * @param guest      address of the guest
     */
    record Forward(boolean tcp, InetAddress host, int hostPort, int guest, int guestPort) {
        @Override
        public String toString() {
            return (tcp ? "tcp:" : "udp:") + host.getHostAddress() + ":" + hostPort + "-" + Plan.text(guest) + ":" + guestPort;
        }
    }

    private static final Pattern FORWARD = Pattern.compile("(tcp|udp):(?:([0-9.]*):)?(\\d{1,5})-([0-9.]*):(\\d{1,5})");
    private static final Pattern NETWORK = Pattern.compile("([0-9.]+)/(\\d{1,2})");
    private static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

    /** Reads the options; an IOException's message is a sentence for the user. */
    static Settings parse(String text) throws IOException {
        Plan plan = Plan.DEFAULT;
        String hostname = null;
        boolean restrict = false;
        List<String> forwards = new ArrayList<>();
        for (String option : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            int equals = option.indexOf('=');
            String value = option.substring(equals + 1);
            switch (equals < 0 ? option : option.substring(0, equals)) {
                case "net" -> plan = network(value);
                case "hostname" -> hostname = hostname(value);
                case "restrict" -> restrict = onOff(value);
                case "hostfwd" -> forwards.add(value);
                default -> throw new IOException("'" + option + "' is no option of the user network; there are: net=, hostname=, restrict=, hostfwd=");
            }
        }
        List<Forward> understood = new ArrayList<>();
        for (String f : forwards) understood.add(forward(f, plan)); // after net=, wherever that stood
        return new Settings(plan, hostname, restrict, List.copyOf(understood));
    }

    private static Plan network(String value) throws IOException {
        Matcher m = NETWORK.matcher(value);
        if (!m.matches()) throw new IOException("net=" + value + " is no network; want an address and its bits, such as net=10.0.2.0/24");
        int prefix = Integer.parseInt(m.group(2));
        if (prefix < 8 || prefix > 28) throw new IOException("net=" + value + ": a network of 8 to 28 bits is wanted");
        int address = address(m.group(1), "net=" + value);
        int first = address >>> 24;
        if (first == 0 || first == 127 || first >= 224) throw new IOException("net=" + value + " cannot be a network's number");
        return new Plan(address & -1 << 32 - prefix, prefix);
    }

    private static String hostname(String value) throws IOException {
        if (HOSTNAME.matcher(value).matches()) return value;
        throw new IOException("hostname=" + value + " is no host name; letters, digits and hyphens make one");
    }

    private static boolean onOff(String value) throws IOException {
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IOException("restrict=" + value + ": want restrict=on or restrict=off");
        };
    }

    private static Forward forward(String value, Plan plan) throws IOException {
        Matcher m = FORWARD.matcher(value);
        if (!m.matches())
            throw new IOException("hostfwd=" + value + " is no forward; want hostfwd=tcp:[ADDRESS:]PORT-[GUEST]:PORT, such as hostfwd=tcp:2222-:22");
        String what = "hostfwd=" + value;
        boolean everyday = m.group(2) == null || m.group(2).isEmpty();
        InetAddress host = everyday ? Plan.address(0x7F000001) : Plan.address(address(m.group(2), what));
        int guest = m.group(4).isEmpty() ? plan.guest() : address(m.group(4), what);
        if (!plan.usable(guest)) throw new IOException(what + ": " + Plan.text(guest) + " is no address that the guest could have");
        return new Forward(m.group(1).equals("tcp"), host, port(m.group(3), what), guest, port(m.group(5), what));
    }

    private static int port(String digits, String what) throws IOException {
        int port = Integer.parseInt(digits);
        if (port < 1 || port > 65_535) throw new IOException(what + ": ports are 1 to 65535");
        return port;
    }

    private static int address(String text, String what) throws IOException {
        try {
            if (text.chars().filter(c -> c == '.').count() == 3) return Plan.number(Inet4Address.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            throw new IOException(what + ": " + text + " is no IPv4 address", e);
        }
        throw new IOException(what + ": " + text + " is no IPv4 address");
    }
}
