package org.lguest.cpu.rings;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.lguest.cpu.rings.Case.Patch;

/**
 * A program for ring 0 of a bare machine, which runs cases one after the other in ring 1 or ring 3 and keeps what the first
 * trap of each found. Its code is in {@code monitor.hex}. The machine enters it at {@link #ORIGIN} in protected mode with
 * flat segments and without paging; the image lies in memory from there on:
 * <pre>
 * 10000  code; descriptors of traps, their entries, the TSS and the stack follow
 * 17000  the four top-level entries of PAE
 * 18000  CR3, CR4, port that results go to (0: none, they stay in memory)
 * 19000  the region as it is before a case
 * 2C000  cases: bytes, patches, gs fs es ds edi esi ebp - ebx edx ecx eax eip cs eflags esp ss,
 *        patches: address, bytes, content rounded up to words; a zero word behind the last case
 * </pre>
 * Results are at {@link #RESULTS}, a record per case: address of the case, vector, error code, CR2, eip cs eflags esp ss gs fs es ds
 * edi esi ebp - ebx edx ecx eax, number of changes, address and word of each. At the end EAX is behind the last, and the
 * machine halts. To a port they are written as two letters a byte, {@code a} to {@code p}, between <code>{{{</code> and <code>}}}</code>.
 */
final class Monitor {
    /** Address of the image, its most bytes, and the address of the results. */
    static final int ORIGIN = 0x10000, MOST = 0x8C000, RESULTS = 0x1000000;
    /** Memory that the machine must have. */
    static final int MEMORY = 0x2000000;

    private static final int HEAD = 0x18000 - ORIGIN, CASES = 0x2C000 - ORIGIN, WORDS = 22;
    private static final int PSE = 0x10, PAE = 0x20, LARGE = 0xE3;
    private static final int[] POPA = {7, 6, 5, -1, 3, 2, 1, 0};

    private Monitor() { }

    /** Code from a file of hex digits; what follows a semicolon is for people. */
    static byte[] code(String file) {
        try (InputStream in = Monitor.class.getResourceAsStream(file)) {
            var out = new ByteArrayOutputStream();
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n"))
                for (String b : line.split(";")[0].trim().split("\\s+")) out.write(Integer.parseInt(b, 16));
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The image for as many of some cases, all of one kind of page tables, as fit. */
    static byte[] image(List<Case> cases, int port) {
        boolean pae = cases.getFirst().pae();
        ByteBuffer b = ByteBuffer.allocate(MOST).order(ByteOrder.LITTLE_ENDIAN);
        b.put(0, code("monitor.hex"));
        b.putLong(World.POINTERS - ORIGIN, World.DIRECTORY | World.PRESENT);
        b.putInt(HEAD, pae ? World.POINTERS : World.DIRECTORY).putInt(HEAD + 4, pae ? PSE | PAE : PSE).putInt(HEAD + 8, port);
        b.put(0x19000 - ORIGIN, World.pristine(pae));
        own(b, 0x19000 - ORIGIN + World.DESCRIPTORS - World.REGION);
        identity(b, 0x19000 - ORIGIN + World.DIRECTORY - World.REGION, pae);
        b.position(CASES);
        for (Case c : cases) put(b, c);
        b.putInt(0);
        return b.array();
    }

    /** How many of some cases, from one on, have the same kind of page tables and fit into an image. */
    static int fitting(List<Case> cases, int from) {
        int bytes = CASES + 4;
        int n = from;
        while (n < cases.size() && cases.get(n).pae() == cases.get(from).pae() && (bytes += bytes(cases.get(n))) < MOST) n++;
        return n - from;
    }

    private static int bytes(Case c) {
        int bytes = 76;
        for (Patch p : c.patches()) bytes += 8 + p.bytes().length + 3 & ~3;
        return bytes;
    }

    /** The monitor's own descriptors take the places of lguest's host: code, data, TSS. */
    private static void own(ByteBuffer b, int table) {
        b.putLong(table + 0x50, 0x00CF9B00_0000FFFFL).putLong(table + 0x58, 0x00CF9300_0000FFFFL).putLong(table + 0x80, 0x00008901_30000067L);
    }

    /** The monitor's own memory is mapped where it is: 4 MiB from 0 on, and 16 MiB of results. */
    private static void identity(ByteBuffer b, int directory, boolean pae) {
        int shift = pae ? 21 : 22;
        for (int i = 0; i < MEMORY >>> shift; i++)
            if (i << shift < 0x400000 || i << shift >= RESULTS) b.putInt(directory + i * (pae ? 8 : 4), i << shift | LARGE);
    }

    private static void put(ByteBuffer b, Case c) {
        int start = b.position();
        b.putInt(bytes(c)).putInt(c.patches().size());
        for (int segment : new int[] {5, 4, 0, 3}) b.putInt(c.selectors()[segment]);
        for (int register : POPA) b.putInt(register < 0 ? 0 : c.gpr()[register]);
        b.putInt(c.eip()).putInt(c.selectors()[1]).putInt(c.eflags() | 2).putInt(c.gpr()[4]).putInt(c.selectors()[2]);
        for (Patch p : c.patches()) {
            b.putInt(p.address()).putInt(p.bytes().length).put(p.bytes());
            while ((b.position() - start & 3) != 0) b.put((byte) 0);
        }
    }

    /** What the results say about each of some cases. */
    static List<Outcome> outcomes(List<Case> cases, ByteBuffer results) throws IOException {
        List<Outcome> all = new ArrayList<>();
        ByteBuffer b = results.order(ByteOrder.LITTLE_ENDIAN);
        int at = ORIGIN + CASES;
        for (Case c : cases) {
            if (b.remaining() < 4 * WORDS) throw new IOException("the machine ended in " + c);
            int[] w = new int[WORDS];
            for (int i = 0; i < WORDS; i++) w[i] = b.getInt();
            if (w[0] != at) throw new IOException("results are out of step at " + c);
            all.add(outcome(c, w, b));
            at += bytes(c);
        }
        return all;
    }

    private static Outcome outcome(Case c, int[] w, ByteBuffer b) {
        int[] gpr = new int[8];
        for (int i = 0; i < 8; i++) if (POPA[i] >= 0) gpr[POPA[i]] = w[13 + i];
        gpr[4] = stack16(c) ? w[7] & 0xFFFF | c.gpr()[4] & 0xFFFF0000 : w[7];
        int[] selectors = {w[11], w[5], w[8], w[12], w[10], w[9]};
        for (int i = 0; i < 6; i++) selectors[i] &= 0xFFFF;
        var memory = new TreeMap<Integer, Integer>();
        for (int n = w[21]; n > 0; n--) {
            int at = b.getInt();
            int v = b.getInt();
            if (at < World.DESCRIPTORS) memory.put(at, v); // lguest leaves directories alone (ABI section 6.3)
        }
        return new Outcome(w[1], w[2], w[1] == 14 ? w[3] : 0, gpr, w[4], w[6], selectors, memory);
    }

    /** IRET to a stack of 16 bits leaves the upper half of ESP as ring 0 had it, so a case cannot begin with one of its own. */
    private static boolean stack16(Case c) {
        int at = World.DESCRIPTORS + (c.selectors()[2] & ~7) + 6;
        for (Patch p : c.patches())
            if (at >= p.address() && at < p.address() + p.bytes().length) return (p.bytes()[at - p.address()] & 0x40) == 0;
        return false;
    }

    /** Results from the letters that the monitor has written to its port. */
    static ByteBuffer letters(String text) throws IOException {
        int from = text.indexOf("{{{");
        int to = text.indexOf("}}}");
        if (from < 0 || to < from) throw new IOException("no results in " + text.length() + " characters: " + text.substring(0, Math.min(400, text.length())));
        byte[] b = new byte[to - from - 3 >>> 1];
        for (int i = 0; i < b.length; i++) b[i] = (byte) (text.charAt(from + 3 + 2 * i) - 'a' << 4 | text.charAt(from + 4 + 2 * i) - 'a');
        return ByteBuffer.wrap(b);
    }
}
