package org.lguest.netbackends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code NAME[,ip=ADDRESS[/BITS]][,bridge=NAME]}: which tap, and what becomes of it on the Host.
 *
 * @param name   of the interface; empty when the kernel may choose
 * @param ip     its IPv4 address, or null
 * @param bits   of the network, -1 for those of the address's class
 * @param bridge that it is put into, or null
 */
record TapSpec(String name, byte[] ip, int bits, String bridge) {
    static final int LONGEST_NAME = 15;
    private static final Pattern ADDRESS = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(?:/(\\d{1,2}))?");

    static TapSpec parse(String spec) throws IOException {
        String[] words = spec.split(",", -1);
        byte[] ip = null;
        int bits = -1;
        String bridge = null;
        for (int i = 1; i < words.length; i++) {
            String value = words[i].substring(words[i].indexOf('=') + 1);
            if (words[i].startsWith("ip=")) {
                Matcher m = ADDRESS.matcher(value);
                if (!m.matches()) throw new IOException("'" + value + "' is no IPv4 address of a tap: want ip=192.168.19.1 or ip=192.168.19.1/24");
                ip = address(m);
                bits = m.group(5) == null ? -1 : Integer.parseInt(m.group(5));
                if (bits > 32) throw new IOException("a network of " + bits + " bits: want 0 to 32");
            } else if (words[i].startsWith("bridge=") && !value.isEmpty()) {
                bridge = name("bridge", value);
            } else {
                throw new IOException("'tap:" + spec + "' is not understood: want tap:NAME[,ip=ADDRESS[/BITS]][,bridge=NAME]");
            }
        }
        if (words[0].isEmpty() && ip == null && bridge == null) throw new IOException("'tap:" + spec + "' names no tap: want tap:NAME, or ip= or bridge=");
        return new TapSpec(name("tap", words[0]), ip, bits, bridge);
    }

    private static byte[] address(Matcher m) throws IOException {
        byte[] a = new byte[4];
        for (int i = 0; i < 4; i++) {
            int n = Integer.parseInt(m.group(i + 1));
            if (n > 255) throw new IOException("'" + m.group() + "' is no IPv4 address");
            a[i] = (byte) n;
        }
        return a;
    }

    private static String name(String what, String name) throws IOException {
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME || name.contains("/") || name.contains(" "))
            throw new IOException("'" + name + "' is no name for a " + what + ": want up to " + LONGEST_NAME + " letters and digits");
        return name;
    }

    /** The network mask. */
    int mask() {
        int n = bits >= 0 ? bits : (ip[0] & 0x80) == 0 ? 8 : (ip[0] & 0x40) == 0 ? 16 : 24;
        return n == 0 ? 0 : -1 << 32 - n;
    }
}
