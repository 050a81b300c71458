package org.lguest.cpu.proof;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.lguest.cpu.proof.Case.Patch;
import org.lguest.cpu.proof.World.Area;

/** The processor of this host, through a process that runs {@link RunnerImage}. */
final class NativeProcessor implements Processor {
    /** Signal of the timer that ends a case which would never end. */
    private static final int SIGVTALRM = 26;
    private static final int[] GPR = {11, 10, 9, 8, 7, 6, 5, 4}; // words of sigcontext
    private static final int[] SEGMENTS = {2, 15, 18, 3, 1, 0};
    private static final int TRAP = 12, ERROR = 13, EIP = 14, EFLAGS = 16, FPSTATE = 19, CR2 = 21;

    private final Path file;
    private final Process process;
    private final OutputStream in;
    private final DataInputStream out;
    private final byte[] words = new byte[4 * (1 + RunnerImage.CONTEXT_WORDS)];
    private final byte[] block = new byte[16];

    private final Image image;

    private NativeProcessor(Path file, Process process, Image image) {
        this.file = file;
        this.image = image;
        this.process = process;
        in = process.getOutputStream();
        out = new DataInputStream(new java.io.BufferedInputStream(process.getInputStream(), 1 << 16));
    }

    /** Whether this host can run 32-bit x86 programs of Linux, or why not. */
    static String missing() {
        if (!System.getProperty("os.name").equals("Linux")) return "not Linux";
        if (!List.of("amd64", "x86_64", "i386").contains(System.getProperty("os.arch"))) return "not an x86 processor";
        try (NativeProcessor p = start(new Image(true))) {
            for (int cs : new int[] {World.USER_CS, World.CODE16}) { // a table of segments of its own is not given to every process
                int[] selectors = {World.USER_DS, cs, World.USER_DS, World.LIMITED, 0, 0};
                Outcome o = p.run(List.of(new Case("int3", new int[8], World.CODE.address() - World.base(cs), 2, selectors, List.of(), 0, FpuImage.reset()))).getFirst();
                if (o.trap() != 3) return "a 32-bit program gives " + o;
            }
            return null;
        } catch (IOException | UncheckedIOException e) {
            return "32-bit programs do not run here: " + e.getMessage();
        }
    }

    /** Starts the runner with numbers in its memory. */
    static NativeProcessor start() throws IOException { return start(new Image(false)); }

    /** Starts the runner. */
    static NativeProcessor start(Image image) throws IOException {
        Path file = Files.createTempFile("proof", ".elf", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.write(file, RunnerImage.build());
        var p = new NativeProcessor(file, new ProcessBuilder(file.toString()).redirectError(ProcessBuilder.Redirect.DISCARD).start(), image);
        for (Area a : World.AREAS) p.in.write(image.of(a));
        p.in.flush();
        return p;
    }

    @Override
    public List<Outcome> run(List<Case> cases) {
        try {
            ByteBuffer b = ByteBuffer.allocate(RunnerImage.BATCH + 4).order(ByteOrder.LITTLE_ENDIAN).putInt(0);
            for (Case c : cases) put(b, c, image);
            b.putInt(0, b.position() - 4);
            in.write(b.array(), 0, b.position());
            in.flush();
            List<Outcome> outcomes = new ArrayList<>(cases.size());
            for (Case c : cases) outcomes.add(outcome(c));
            return outcomes;
        } catch (IOException e) {
            throw new UncheckedIOException("the runner has ended" + (process.isAlive() ? "" : " with " + process.exitValue()), e);
        }
    }

    private static void put(ByteBuffer b, Case c, Image image) {
        int start = b.position();
        b.putInt(0).putInt(c.fpu() != null ? 1 : 0).putInt(c.patches().size()).putInt(0);
        int[] w = new int[RunnerImage.CONTEXT_WORDS];
        for (int i = 0; i < 8; i++) w[GPR[i]] = c.gpr()[i];
        for (int i = 0; i < 6; i++) w[SEGMENTS[i]] = c.selectors()[i];
        w[EIP] = c.eip();
        w[EFLAGS] = c.eflags();
        if (c.fpu() != null) w[FPSTATE] = RunnerImage.FRAME;
        for (int v : w) b.putInt(v);
        if (c.fpu() != null) c.fpu().putFrame(b);
        for (Patch p : c.patches()) {
            b.putInt(p.address()).putInt(p.bytes().length).putInt(image.passing(p) ? 0x100 | (p.code() ? World.FILL & 0xFF : 0) : 0).put(p.bytes());
            while ((b.position() - start & 3) != 0) b.put((byte) 0);
        }
        b.putInt(start, b.position() - start);
    }

    private Outcome outcome(Case c) throws IOException {
        image.begin(c);
        out.readFully(words);
        ByteBuffer b = ByteBuffer.wrap(words).order(ByteOrder.LITTLE_ENDIAN);
        int signal = b.getInt();
        int[] w = new int[RunnerImage.CONTEXT_WORDS];
        for (int i = 0; i < w.length; i++) w[i] = b.getInt();
        FpuImage fpu = c.fpu() == null ? null : unit();
        int[] gpr = new int[8];
        for (int i = 0; i < 8; i++) gpr[i] = w[GPR[i]];
        int[] selectors = new int[6];
        for (int i = 0; i < 6; i++) selectors[i] = Outcome.selector(w[SEGMENTS[i]]);
        int trap = signal == SIGVTALRM ? Outcome.ENDLESS : w[TRAP];
        var o = new Outcome(gpr, w[EIP], w[EFLAGS], selectors, trap, w[ERROR], trap == 14 ? w[CR2] : 0, image.onlyChanges(memory()), fpu);
        image.end(c);
        return o;
    }

    private FpuImage unit() throws IOException {
        byte[] bytes = new byte[FpuImage.BYTES];
        out.readFully(bytes);
        return FpuImage.compared(bytes);
    }

    private SortedMap<Integer, Byte> memory() throws IOException {
        var changes = new TreeMap<Integer, Byte>();
        for (int at; (at = Integer.reverseBytes(out.readInt())) != 0;) {
            if (World.area(at) == null) throw new IOException("a change at " + Integer.toHexString(at) + ": a case has scribbled over the runner");
            out.readFully(block);
            for (int n = 0; n < 16; n++) changes.put(at + n, block[n]);
        }
        return changes;
    }

    @Override
    public void close() {
        try {
            in.close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
