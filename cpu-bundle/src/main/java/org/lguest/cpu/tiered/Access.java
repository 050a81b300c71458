package org.lguest.cpu.tiered;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import org.lguest.api.Guest;
import org.lguest.api.part.Mmu;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.FpuState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.SoftTlb;
import org.lguest.cpu.interpreter.Journal;
import org.lguest.cpu.interpreter.Leave;
import org.lguest.cpu.interpreter.Machine;

/**
 * M:220 Memory as generated code sees it. This class is loaded once more for each guest, by {@link GuestCode}: so a guest's tables
 * and its memory are constants to the compiler, and a hit costs a handful of machine instructions without a load of any address. Where a byte
 * lies is its <em>place</em>: see {@link SoftTlb#place}.
 *
 * <p>Methods throw {@link org.lguest.cpu.interpreter.Leave} when the instruction cannot be executed here, and where the SoftTlb misses.
 * What is called often has more than 35 bytes, so that HotSpot's first compiler does not inline it: its code is shorter and sooner there with
 * calls of methods that the second one has made ready. That one inlines them.
 */
public final class Access implements GuestCode.Door {
    private static final GuestCode HOME = (GuestCode) Access.class.getClassLoader();
    private static final Guest GUEST = HOME.guest();
    private static final Machine MACHINE = HOME.machine();
    private static final MemorySegment RAM = GUEST.memory().segment();
    private static final long ORIGIN = GUEST.memory().origin();
    private static final boolean BARE = HOME.bare();
    private static final int[] READ = GUEST.tlb().readTag, WRITE = GUEST.tlb().writeTag, FETCH = GUEST.tlb().fetchTag, ADDEND = GUEST.tlb().addend;
    private static final long[] PLACE = GUEST.tlb().place;
    /** No place: these are not negative. */
    static final long NO_WINDOW = -1;
    /** The guest's own. */
    public static final SoftTlb TLB = GUEST.tlb();
    private static final Journal JOURNAL = HOME.journal();
    private static final int LAST = SoftTlb.ENTRIES - 1, PAGE = SoftTlb.PAGE_MASK;
    private static final long ADDRESS = 0xFFFFFFFFL;
    /** The guest's registers, and whether somebody wants it to pause. */
    public static final CpuState CPU = GUEST.cpu();
    /** Halves of the XMM registers. */
    public static final long[] LOW = CPU.xmm.low, HIGH = CPU.xmm.high;
    /** The x87 unit, and who does with it what is not ordinary. */
    public static final FpuState FPU = CPU.fpu;
    /** See {@link #FPU}. */
    public static final Unusual UNUSUAL = new Unusual(CPU);
    private static final SegmentState CODE = CPU.seg[SegmentState.CS];
    private static final int PENDING = 0x80;
    /** General registers. */
    public static final int[] GPR = CPU.gpr;

    @Override
    public MethodHandles.Lookup lookup() { return MethodHandles.lookup(); }

    /** Whether the page at a linear address is this frame, for execution. */
    public static boolean mapped(int va, int frame, int bank) {
        int i = bank + (va >>> 12 & LAST);
        return FETCH[i] == va && va + ADDEND[i] == frame;
    }

    /** See {@link Machine#holds}; what is above the selector counts for nothing. */
    public static boolean holds(int register, int selector) { return MACHINE.holds(register, selector & 0xFFFF); }

    /** The linear address of an offset in a segment that covers everything, as those of threads and processors do. */
    public static int linear(int segment, int offset, boolean write) {
        SegmentState s = CPU.seg[segment];
        if (s.limit != -1 || s.expandDown() || !(write ? s.writable() : s.readable())) throw Leave.NOW;
        return s.base + offset;
    }

    /** DIV of EDX:EAX by 32 bits: remainder and quotient. */
    public static long div(int edx, int eax, int by) {
        if (Integer.compareUnsigned(edx, by) >= 0) throw Leave.NOW;
        if (edx == 0) return (long) Integer.remainderUnsigned(eax, by) << 32 | Integer.divideUnsigned(eax, by) & ADDRESS;
        long n = (long) edx << 32 | eax & ADDRESS;
        long d = by & ADDRESS;
        return Long.remainderUnsigned(n, d) << 32 | Long.divideUnsigned(n, d);
    }

    /** IDIV of EDX:EAX by 32 bits: remainder and quotient. */
    public static long idiv(int edx, int eax, int by) {
        if (by == 0) throw Leave.NOW;
        long n = (long) edx << 32 | eax & ADDRESS;
        long q = edx == eax >> 31 && by != -1 ? eax / by : n / by;
        if (q != (int) q) throw Leave.NOW;
        return n - q * by << 32 | q & ADDRESS;
    }

    /** The place of a byte that will be read. */
    public static long from8(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va & PAGE) != READ[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long from8Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va & PAGE) != READ[i]) ask(READ, va, va, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same for two bytes. */
    public static long from16(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 1 & PAGE) != READ[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long from16Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 1 & PAGE) != READ[i]) ask(READ, va, va + 1, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same for four bytes. */
    public static long from32(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 3 & PAGE) != READ[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long from32Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 3 & PAGE) != READ[i]) ask(READ, va, va + 3, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same for eight bytes. */
    public static long from64(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 7 & PAGE) != READ[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long from64Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 7 & PAGE) != READ[i]) ask(READ, va, va + 7, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same for 16 bytes. */
    public static long from128(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 15 & PAGE) != READ[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long from128Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 15 & PAGE) != READ[i]) ask(READ, va, va + 15, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The place of a byte that will be written, or read and written. */
    public static long to8(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va & PAGE) != WRITE[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long to8Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va & PAGE) != WRITE[i]) ask(WRITE, va, va, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same for two bytes. */
    public static long to16(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 1 & PAGE) != WRITE[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long to16Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 1 & PAGE) != WRITE[i]) ask(WRITE, va, va + 1, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same for four bytes. */
    public static long to32(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 3 & PAGE) != WRITE[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long to32Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 3 & PAGE) != WRITE[i]) ask(WRITE, va, va + 3, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same for eight bytes. */
    public static long to64(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 7 & PAGE) != WRITE[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long to64Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 7 & PAGE) != WRITE[i]) ask(WRITE, va, va + 7, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same for 16 bytes. */
    public static long to128(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 15 & PAGE) != WRITE[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    /** The same, and asks the MMU. */
    public static long to128Asking(int va, int bank) {
        int i = bank + (va >>> 12 & LAST);
        if ((va + 15 & PAGE) != WRITE[i]) ask(WRITE, va, va + 15, i);
        return (va & ADDRESS) + PLACE[i];
    }

    /** The vector unit is there, and may be used: else #UD or #NM is due. */
    public static void vectors() {
        if ((CPU.cr0 & (CpuState.CR0_TS | CpuState.CR0_EM)) != 0) throw Leave.NOW;
    }

    /** The x87 unit is there, and nothing is pending: else #NM or #MF is due. */
    public static void ready() {
        if ((CPU.cr0 & (CpuState.CR0_TS | CpuState.CR0_EM) | FPU.status & PENDING) != 0) throw Leave.NOW;
    }

    /** Notes where and what an x87 instruction is, as {@code X87.origin} does. */
    public static void x87(int eip, int opcode) {
        FPU.lastCs = CODE.selector;
        FPU.lastIp = eip;
        FPU.lastOpcode = opcode;
    }

    /** The same for one with an operand in memory. */
    public static void x87(int eip, int opcode, int selector, int offset) {
        x87(eip, opcode);
        FPU.lastDs = selector;
        FPU.lastDp = offset;
    }

    /** 0 is a reason to leave. */
    public static void certainly(int yes) {
        if (yes == 0) throw Leave.NOW;
    }

    /** An address that is aligned to 16 bytes: else #GP is due. */
    public static int aligned(int va) {
        if ((va & 15) != 0) throw Leave.NOW;
        return va;
    }

    /** Where up to a page of bytes that will be written are, if it is one page. */
    public static long toMany(int va, int bytes, int bank) { return place(WRITE, va, va + bytes - 1, bank); }

    /** Where up to a page of bytes that will be read are, if it is one page. */
    public static long fromMany(int va, int bytes, int bank) { return place(READ, va, va + bytes - 1, bank); }

    /** Where so many bytes are that will be read, if it is one page; else {@link #NO_WINDOW}. */
    public static long window(int va, int bytes, int bank) { return window(READ, va, bytes, bank); }

    /** The same for bytes that will be written as well. */
    public static long windowToWrite(int va, int bytes, int bank) { return window(WRITE, va, bytes, bank); }

    private static long window(int[] tags, int va, int bytes, int bank) {
        int i = index(va, bank);
        return tags[i] == (va & PAGE) && (va & ~PAGE) <= GuestMemory.PAGE - bytes ? (va & ADDRESS) + PLACE[i] : NO_WINDOW;
    }

    /** What is faulty, runs into another page, or overwrites code, the interpreter sees to. */
    private static void ask(int[] tags, int va, int last, int i) {
        if (JOURNAL == null && (va ^ last) >>> 12 == 0) MACHINE.ask(va, tags == WRITE ? Mmu.WRITE : Mmu.READ);
        if ((last & PAGE) != tags[i]) throw Leave.NOW;
    }

    private static long place(int[] tags, int va, int last, int bank) {
        int i = index(va, bank);
        if ((last & PAGE) != tags[i]) throw Leave.NOW;
        return (va & ADDRESS) + PLACE[i];
    }

    private static int index(int va, int bank) { return bank + (va >>> 12 & LAST); }

    /** Reads a byte, zero-extended, at a place. */
    public static int get8(long place) {
        return JOURNAL != null ? (int) noted(place, 1) : BareMemory.read8(BARE, RAM, ORIGIN, place);
    }

    /** Reads two bytes, zero-extended, at a place. */
    public static int get16(long place) {
        return JOURNAL != null ? (int) noted(place, 2) : BareMemory.read16(BARE, RAM, ORIGIN, place);
    }

    /** Reads four bytes at a place. */
    public static int get32(long place) {
        return JOURNAL != null ? (int) noted(place, 4) : BareMemory.read32(BARE, RAM, ORIGIN, place);
    }

    /** Reads eight bytes at a place. */
    public static long get64(long place) {
        return JOURNAL != null ? noted(place, 8) : BareMemory.read64(BARE, RAM, ORIGIN, place);
    }

    /** Writes eight bytes at a place. */
    public static void set64(long place, long v) {
        if (JOURNAL != null) note(place, v, 8);
        else BareMemory.write64(BARE, RAM, ORIGIN, place, v);
    }

    /** Writes a byte at a place. */
    public static void set8(long place, int v) {
        if (JOURNAL != null) note(place, v, 1);
        else BareMemory.write8(BARE, RAM, ORIGIN, place, v);
    }

    /** Writes two bytes at a place. */
    public static void set16(long place, int v) {
        if (JOURNAL != null) note(place, v, 2);
        else BareMemory.write16(BARE, RAM, ORIGIN, place, v);
    }

    /** Writes four bytes at a place. */
    public static void set32(long place, int v) {
        if (JOURNAL != null) note(place, v, 4);
        else BareMemory.write32(BARE, RAM, ORIGIN, place, v);
    }

    private static long noted(long place, int bytes) { return JOURNAL.load(place - ORIGIN, bytes); }

    private static void note(long place, long v, int bytes) { JOURNAL.store(place - ORIGIN, v, bytes); }
}
