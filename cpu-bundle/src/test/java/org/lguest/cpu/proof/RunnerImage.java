package org.lguest.cpu.proof;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.lguest.cpu.proof.World.Area;
import org.lguest.cpu.proof.World.Segment;

/**
 * An i386 ELF program that executes cases on the real processor.
 *
 * <p>It makes the address space of {@link World}, reads the areas' content from its standard input, and then batches: a word
 * with the number of bytes that follow, and as many bytes of cases. A case is entered through the system call
 * {@code sigreturn}, which sets every register at once, and always ends with a signal: INT3 behind its code if nothing else.
 * The handler writes the signal's number and the state the kernel saved, 16 bytes of memory for each place that has
 * changed, puts memory right again and goes on. Words, little-endian:
 * <pre>
 * case     bytes in all, 1 if there is floating-point state, number of patches, 0, 22 words of the kernel's struct sigcontext,
 *          400 bytes as FpuImage.putFrame has them, patches
 * patch    address, bytes, 0 or 0x100 plus the byte to fill it with afterwards, content rounded up to words
 * outcome  signal, 22 words of struct sigcontext, 288 bytes of floating-point state if the case had one, changes, 0
 * change   address, 16 bytes as they are now
 * </pre>
 */
final class RunnerImage {
    /** Words of {@code struct sigcontext} for 32-bit programs. */
    static final int CONTEXT_WORDS = 22;
    /** Bytes of a case before its context. */
    static final int CASE_HEADER = 16;
    /** Bytes that a batch may have. */
    static final int BATCH = 0x600000;

    /** Addresses that are not free in the process, because the runner uses them. */
    static final int FIRST = 0x70000000, LAST = 0x72000000;

    private static final int ORIGIN = 0x71000000, HEADERS = 0x1000;
    private static final int VARIABLES = 0x71008000, OUT = VARIABLES, CURRENT = VARIABLES + 4, END = VARIABLES + 8, LENGTH = VARIABLES + 12;
    private static final int STACK_TOP = 0x71010000, SIGNAL_STACK = 0x71010000, SIGNAL_STACK_BYTES = 0x10000;
    /** Where floating-point state lies when {@code sigreturn} takes it: a 32-bit {@code struct _fpstate}. */
    static final int FRAME = 0x71009000;
    /** Bytes before the FXSAVE image in a frame. */
    private static final int LEGACY = 112;
    private static final int INPUT = 0x71020000, OUTPUT = INPUT + BATCH + 0x1000, OUTPUT_BYTES = 0x100000, OUTPUT_FULL = OUTPUT + OUTPUT_BYTES - 0x20000;
    private static final int MEMORY_END = OUTPUT + OUTPUT_BYTES;
    /** A copy of the writable areas as they should be lies this much higher. */
    private static final int MIRROR = 0x70000000;
    private static final int[] SIGNALS = {4, 5, 7, 8, 11, 26, 31};

    private final Asm a = new Asm(ORIGIN + HEADERS);

    private RunnerImage() { }

    /** The program file. */
    static byte[] build() {
        var image = new RunnerImage();
        image.prepare();
        image.receive();
        image.enter();
        image.handle();
        image.helpers();
        image.tables();
        return elf(image.a.bytes());
    }

    private static byte[] elf(byte[] code) {
        ByteBuffer b = ByteBuffer.allocate(HEADERS + code.length).order(ByteOrder.LITTLE_ENDIAN);
        b.put(new byte[] {0x7F, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        b.putShort((short) 2).putShort((short) 3).putInt(1).putInt(ORIGIN + HEADERS).putInt(52).putInt(0).putInt(0);
        b.putShort((short) 52).putShort((short) 32).putShort((short) 2).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        b.putInt(1).putInt(0).putInt(ORIGIN).putInt(ORIGIN).putInt(b.capacity()).putInt(MEMORY_END - ORIGIN).putInt(7).putInt(0x1000); // PT_LOAD, rwx
        b.putInt(0x6474E551).putInt(0).putInt(0).putInt(0).putInt(0).putInt(0).putInt(6).putInt(16); // PT_GNU_STACK: data is not executable
        return b.position(HEADERS).put(code).array();
    }

    /** eax = number, ebx, ecx, edx = arguments. */
    private void call(int number, int... arguments) {
        String[] load = {"BB", "B9", "BA", "BE", "BF", "BD"};
        for (int i = 0; i < arguments.length; i++) a.code(load[i], arguments[i]);
        a.code("B8", number).code("CD 80");
    }

    private void prepare() {
        a.code("BC", STACK_TOP);                                     // mov esp
        call(91, MEMORY_END, 0xFFFFE000 - MEMORY_END);             // munmap: the first stack, vdso
        for (Area area : World.AREAS) {
            map(area.address(), area.bytes(), area.executable() ? 7 : 3);
            if (area.writable()) map(area.address() + MIRROR, area.bytes(), 3);
            a.code("B9", area.bytes()).code("BF", area.address()).jump("E8", "read");
            if (area.writable()) a.code("BE", area.address()).code("BF", area.address() + MIRROR).code("B9", area.bytes()).code("F3 A4");
            else call(125, area.address(), area.bytes(), 1);         // mprotect
        }
        a.address("BB", "stack").code("31 C9").code("B8", 186).code("CD 80");   // sigaltstack
        for (int s : SIGNALS) {
            a.address("B9", "action").code("31 D2").code("BE", 8).code("BB", s).code("B8", 174).code("CD 80"); // rt_sigaction
        }
        for (Segment s : World.SEGMENTS)
            if (s.local()) a.code("BB", 0x11).address("B9", "segment" + s.selector()).code("BA", 16).code("B8", 123).code("CD 80"); // modify_ldt
            else a.address("BB", "segment" + s.selector()).code("B8", 243).code("CD 80"); // set_thread_area
    }

    private void map(int address, int bytes, int protection) { call(192, address, bytes, protection, 0x32, -1, 0); }

    private void receive() {
        a.label("batch");
        a.code("B9", 4).code("BF", LENGTH).jump("E8", "read");
        a.code("8B 0D", LENGTH).code("BF", INPUT).jump("E8", "read");
        a.code("A1", LENGTH).code("05", INPUT).code("A3", END);      // end = INPUT + length
        a.code("C7 05", CURRENT, INPUT).code("C7 05", OUT, OUTPUT);
    }

    private void enter() {
        a.label("case");
        a.code("8B 1D", CURRENT).code("3B 1D", END).jump("0F 82", "patches");
        a.jump("E8", "flush").jump("E9", "batch");
        a.label("patches");
        a.jump("E8", "first");
        a.label("patch").code("85 D2").jump("0F 84", "go");
        a.code("8B 3E").code("8B 6E 04").code("83 C6 0C");            // edi = address, ebp = bytes, esi to the content
        a.code("89 F0").code("89 E9").code("F3 A4");                  // keep esi in eax; copy to memory
        a.code("8B 78 F4").code("81 C7", MIRROR).code("89 C6").code("89 E9").code("F3 A4"); // and to the mirror
        a.code("8D 74 28 03").code("83 E6 FC");                       // esi = eax + ebp + 3 & ~3
        a.code("4A").jump("E9", "patch");
        a.label("go");
        a.code("8B 1D", CURRENT).code("83 7B 04 00").jump("0F 84", "enter"); // no floating-point state
        a.code("8D B3", CASE_HEADER + 4 * CONTEXT_WORDS).code("BF", FRAME).code("B9", (LEGACY + FpuImage.BYTES) / 4).code("F3 A5");
        a.label("enter");
        a.address("B9", "timer").code("BB", 1).code("31 D2").code("B8", 104).code("CD 80"); // setitimer(ITIMER_VIRTUAL)
        a.code("8B 25", CURRENT).code("83 C4 10");                     // esp = the case's context
        a.code("B8", 119).code("CD 80");                              // sigreturn
    }

    private void handle() {
        a.label("handler").code("6A 02 9D")                           // push 2; popf: ID and NT outlive a signal
            .code("8B 3D", OUT).code("8D 74 24 04").code("B9", 1 + CONTEXT_WORDS).code("F3 A5");
        a.code("8B 1D", CURRENT).code("83 7B 04 00").jump("0F 84", "compare");
        a.code("8B 74 24 54").code("83 C6 70").code("B9", FpuImage.BYTES / 4).code("F3 A5"); // what the kernel has saved
        a.label("compare");
        a.address("BD", "areas");
        a.label("area").code("8B 75 00").code("8B 4D 04");            // esi, ecx = blocks of 16 bytes
        a.label("block").code("66 0F 6F 06").code("66 0F 6F 8E", MIRROR).code("66 0F 6F D0").code("66 0F 76 C1").code("66 0F D7 C0");
        a.code("3D", 0xFFFF).jump("0F 85", "changed");
        a.label("next").code("83 C6 10").code("49").jump("0F 85", "block");
        a.code("83 C5 08").address("81 FD", "areasEnd").jump("0F 82", "area");
        a.code("C7 07", 0).code("83 C7 04").code("89 3D", OUT).jump("E9", "clean");
        a.label("changed").code("89 37").code("F3 0F 7F 57 04").code("66 0F 7F 0E").code("83 C7 14").jump("E9", "next");
        a.label("clean").code("8B 1D", CURRENT).jump("E8", "first");
        a.label("undo").code("85 D2").jump("0F 84", "advance");
        a.code("83 7E 08 00").jump("0F 84", "keep");
        a.code("8B 3E").code("8B 4E 04").code("8A 46 08").code("F3 AA");
        a.code("8B 3E").code("81 C7", MIRROR).code("8B 4E 04").code("F3 AA");
        a.label("keep").code("8B 46 04").code("8D 74 06 0F").code("83 E6 FC").code("4A").jump("E9", "undo");
        a.label("advance").code("03 1B").code("89 1D", CURRENT);
        a.code("81 3D", OUT, OUTPUT_FULL).jump("0F 82", "case");
        a.jump("E8", "flush").jump("E9", "case");
    }

    private void helpers() {
        a.label("first");                                             // esi = the first patch of the case at ebx, edx = how many
        a.code("8B 53 08").code("8D B3", CASE_HEADER + 4 * CONTEXT_WORDS).code("83 7B 04 00").jump("0F 84", "firstDone");
        a.code("81 C6", LEGACY + FpuImage.BYTES).label("firstDone").code("C3");
        a.label("read");                                              // ecx bytes to edi; ends the program at the end of input
        a.code("89 CE").label("more").code("85 F6").jump("0F 84", "readDone");
        a.code("89 F2").code("89 F9").code("31 DB").code("B8", 3).code("CD 80");
        a.code("85 C0").jump("0F 8E", "exit");
        a.code("01 C7").code("29 C6").jump("E9", "more");
        a.label("readDone").code("C3");
        a.label("exit").code("31 DB").code("B8", 1).code("CD 80");
        a.label("flush");                                             // writes OUTPUT to [OUT]
        a.address("B9", "noTimer").code("BB", 1).code("31 D2").code("B8", 104).code("CD 80");
        a.code("BF", OUTPUT).label("write").code("8B 15", OUT).code("29 FA").jump("0F 84", "written");
        a.code("89 F9").code("BB", 1).code("B8", 4).code("CD 80");
        a.code("85 C0").jump("0F 8E", "exit").code("01 C7").jump("E9", "write");
        a.label("written").code("C7 05", OUT, OUTPUT).code("C3");
    }

    private void tables() {
        a.label("stack").word(SIGNAL_STACK).word(0).word(SIGNAL_STACK_BYTES);
        a.label("action").address("handler").word(0x08000000 | 0x40000000 | 0x04000000).address("exit").word(0).word(0); // ONSTACK, NODEFER, RESTORER
        a.label("timer").word(0).word(0).word(0).word(100_000);
        a.label("noTimer").word(0).word(0).word(0).word(0);
        a.label("areas");
        for (Area area : World.AREAS) if (area.writable()) a.word(area.address()).word(area.bytes() >>> 4);
        a.label("areasEnd");
        for (Segment s : World.SEGMENTS) {
            int flags = (s.big() ? 1 : 0) | s.type() << 1 | (s.less() ? 8 : 0) | (s.granular() ? 16 : 0) | 64; // useable
            a.label("segment" + s.selector()).word(s.index()).word(s.base()).word(s.limit()).word(flags);
        }
    }
}
