package org.lguest.cpu.rings;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.lguest.cpu.rings.Case.Patch;

/**
 * Cases and their outcomes as compressed text. Lines that begin with {@code #} say where the outcomes come from; the others are
 * <pre>
 * name|pae|eax,...,edi|eip,eflags|es,cs,ss,ds,fs,gs|address:bytes ...|trap,error,cr2,eip,eflags|selectors|number=register ...|address=word ...
 * </pre>
 * all numbers in hex; addresses are physical.
 */
final class Fixtures {
    private static final HexFormat HEX = HexFormat.of();

    /** A case and its outcome. */
    record Fixture(Case given, Outcome expected) { }

    private Fixtures() { }

    /** A file's cases. */
    static List<Fixture> read(String name) throws IOException {
        List<Fixture> all = new ArrayList<>();
        try (InputStream in = Fixtures.class.getResourceAsStream(name)) {
            if (in == null) throw new IOException("no " + name);
            var lines = new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII));
            for (String line; (line = lines.readLine()) != null;) if (!line.startsWith("#")) all.add(parse(line));
        }
        return all;
    }

    /** Writes a file. */
    static void write(Path file, String source, List<Fixture> fixtures) throws IOException {
        try (Writer w = new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(file)) {{ def.setLevel(9); }}, StandardCharsets.US_ASCII)) {
            w.write("# " + source + "\n");
            for (Fixture f : fixtures) w.write(line(f.given, f.expected) + "\n");
        }
    }

    /** The part of a line that says what is given. */
    static String given(Case c) {
        var patches = new StringBuilder();
        for (Patch p : c.patches()) patches.append(patches.isEmpty() ? "" : " ").append(Integer.toHexString(p.address())).append(':').append(HEX.formatHex(p.bytes()));
        return String.join("|", c.name(), c.pae() ? "1" : "0", hex(c.gpr()), hex(c.eip(), c.eflags()), hex(c.selectors()), patches);
    }

    static String line(Case c, Outcome o) {
        var changed = new ArrayList<String>();
        for (int i = 0; i < 8; i++) if (c.gpr()[i] != o.gpr()[i]) changed.add(i + "=" + Integer.toHexString(o.gpr()[i]));
        return String.join("|", given(c), hex(o.trap(), o.error(), o.cr2(), o.eip(), o.eflags()), hex(o.selectors()), String.join(" ", changed), words(o.memory()));
    }

    /** Words of memory. */
    static String words(SortedMap<Integer, Integer> memory) {
        var s = new StringBuilder();
        for (Map.Entry<Integer, Integer> e : memory.entrySet())
            s.append(s.isEmpty() ? "" : " ").append(Integer.toHexString(e.getKey())).append('=').append(Integer.toHexString(e.getValue()));
        return s.toString();
    }

    static Fixture parse(String line) {
        String[] f = line.split("\\|", -1);
        int[] gpr = numbers(f[2]);
        int[] state = numbers(f[3]);
        List<Patch> patches = new ArrayList<>();
        for (String p : split(f[5])) patches.add(new Patch(number(p.substring(0, p.indexOf(':'))), HEX.parseHex(p.substring(p.indexOf(':') + 1))));
        Case c = new Case(f[0], f[1].equals("1"), gpr, state[0], state[1], numbers(f[4]), patches);
        int[] trap = numbers(f[6]);
        int[] after = gpr.clone();
        for (String w : split(f[8])) after[w.charAt(0) - '0'] = number(w.substring(2));
        var memory = new TreeMap<Integer, Integer>();
        for (String w : split(f[9])) memory.put(number(w.substring(0, w.indexOf('='))), number(w.substring(w.indexOf('=') + 1)));
        return new Fixture(c, new Outcome(trap[0], trap[1], trap[2], after, trap[3], trap[4], numbers(f[7]), memory));
    }

    private static String[] split(String s) { return s.isEmpty() ? new String[0] : s.split(" "); }

    private static String hex(int... numbers) { return String.join(",", Arrays.stream(numbers).mapToObj(Integer::toHexString).toList()); }

    private static int number(String s) { return Integer.parseUnsignedInt(s, 16); }

    private static int[] numbers(String s) { return Arrays.stream(s.split(",")).mapToInt(Fixtures::number).toArray(); }
}
