package org.lguest.cpu.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import org.lguest.cpu.proof.Case.Patch;

/**
 * Cases with what a real processor made of them, as text. Memory is blank but for what a case brings. A line has
 * <pre>
 * name|gpr,...|eip,eflags,undefined|selectors,...|address:bytes ... (code: @address:bytes)|trap,error,cr2|changed registers|memory
 * </pre>
 * and, where there is floating-point state, {@code |offset:bytes ...|offset:bytes ...}: what differs from a reset unit before,
 * and from before afterwards. All numbers in hex. Changed registers are {@code number=value}, 8 for EIP, 9 for EFLAGS, 10 and more for segments.
 */
final class Fixtures {
    private static final HexFormat HEX = HexFormat.of();

    /** A case and its outcome. */
    record Fixture(Case given, Outcome expected) { }

    private Fixtures() { }

    /** One line. */
    static String write(Case c, Outcome o) {
        var patches = new StringBuilder();
        for (Patch p : c.patches()) {
            int from = 0;
            while (from < p.bytes().length && p.bytes()[from] == 0 && !p.code()) from++;
            int to = p.bytes().length;
            while (to > from && p.bytes()[to - 1] == 0 && !p.code()) to--;
            if (from < to) patches.append(patches.isEmpty() ? "" : " ").append(p.code() ? "@" : "").append(Integer.toHexString(p.address() + from)).append(':').append(HEX.formatHex(p.bytes(), from, to));
        }
        String line = String.join("|", c.name(), hex(c.gpr()), hex(c.eip(), c.eflags(), c.undefined()), hex(c.selectors()), patches, hex(o.trap(), o.error(), o.cr2()), changed(c, o), memory(o));
        return c.fpu() == null ? line : String.join("|", line, runs(FpuImage.reset(), c.fpu()), runs(c.fpu(), o.fpu()));
    }

    private static String changed(Case c, Outcome o) {
        var s = new ArrayList<String>();
        for (int i = 0; i < 8; i++) if (c.gpr()[i] != o.gpr()[i]) s.add(i + "=" + Integer.toHexString(o.gpr()[i]));
        if (c.eip() != o.eip()) s.add("8=" + Integer.toHexString(o.eip()));
        if (((c.eflags() ^ o.eflags()) & Outcome.COMPARED) != 0) s.add("9=" + Integer.toHexString(o.eflags() & Outcome.COMPARED));
        for (int i = 0; i < 6; i++) if (c.selectors()[i] != o.selectors()[i]) s.add(10 + i + "=" + Integer.toHexString(o.selectors()[i]));
        return String.join(" ", s);
    }

    private static String memory(Outcome o) {
        String m = Outcome.memory(o.memory());
        return m.equals("-") ? "" : m;
    }

    /** Reads a line. */
    static Fixture parse(String line) {
        String[] f = line.split("\\|", -1);
        int[] gpr = numbers(f[1]);
        int[] state = numbers(f[2]);
        int[] selectors = numbers(f[3]);
        List<Patch> patches = new ArrayList<>();
        for (String p : words(f[4])) {
            boolean code = p.startsWith("@");
            String[] at = p.substring(code ? 1 : 0).split(":");
            patches.add(new Patch(Integer.parseUnsignedInt(at[0], 16), HEX.parseHex(at[1]), code));
        }
        Case c = new Case(f[0], gpr, state[0], state[1], selectors, patches, state[2], f.length > 8 ? image(FpuImage.reset(), f[8]) : null);
        return new Fixture(c, outcome(c, numbers(f[5]), f[6], f[7], f.length > 8 ? image(c.fpu(), f[9]) : null));
    }

    private static Outcome outcome(Case c, int[] trap, String changed, String memory, FpuImage fpu) {
        int[] registers = Arrays.copyOf(c.gpr(), 16);
        registers[8] = c.eip();
        registers[9] = c.eflags();
        System.arraycopy(c.selectors(), 0, registers, 10, 6);
        for (String w : words(changed)) registers[Integer.parseInt(w.split("=")[0])] = Integer.parseUnsignedInt(w.split("=")[1], 16);
        SortedMap<Integer, Byte> bytes = Outcome.noMemory();
        for (String w : words(memory)) {
            int at = Integer.parseUnsignedInt(w.split(":")[0], 16);
            for (byte b : HEX.parseHex(w.split(":")[1])) bytes.put(at++, b);
        }
        return new Outcome(Arrays.copyOf(registers, 8), registers[8], registers[9], Arrays.copyOfRange(registers, 10, 16), trap[0], trap[1], trap[2], bytes, fpu);
    }

    /** The bytes of an image that are not those of another. */
    static String runs(FpuImage from, FpuImage to) {
        var s = new StringBuilder();
        for (int at = 0; at < FpuImage.BYTES; at++) {
            int start = at;
            while (at < FpuImage.BYTES && from.bytes()[at] != to.bytes()[at]) at++;
            if (at > start) s.append(s.isEmpty() ? "" : " ").append(Integer.toHexString(start)).append(':').append(HEX.formatHex(to.bytes(), start, at));
        }
        return s.toString();
    }

    private static FpuImage image(FpuImage from, String runs) {
        FpuImage to = from.copy();
        for (String w : words(runs)) {
            byte[] bytes = HEX.parseHex(w.split(":")[1]);
            System.arraycopy(bytes, 0, to.bytes(), Integer.parseInt(w.split(":")[0], 16), bytes.length);
        }
        return to;
    }

    private static String[] words(String s) { return s.isEmpty() ? new String[0] : s.split(" "); }

    private static String hex(int... numbers) { return String.join(",", Arrays.stream(numbers).mapToObj(Integer::toHexString).toList()); }

    private static int[] numbers(String s) { return Arrays.stream(s.split(",")).mapToInt(n -> Integer.parseUnsignedInt(n, 16)).toArray(); }
}
