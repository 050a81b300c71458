package org.lguest.api.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The processor as the guest sees it, between two turns. An engine may keep registers elsewhere while it runs, but puts
 * them here, with the flags folded into {@link #eflags}, before {@code run} returns.
 *
 * <p>All fields belong to the vCPU thread; only {@link #attention} is for everybody, through {@link #raise} and {@link #lower}.
 */
public final class CpuState {
    /** Indices of the general registers in {@link #gpr}, in the order of their encoding. */
    public static final int EAX = 0, ECX = 1, EDX = 2, EBX = 3, ESP = 4, EBP = 5, ESI = 6, EDI = 7;
    /** Index in {@link #gpr} of a register that is always zero: "no base", "no index". */
    public static final int ZERO = 8;

    /** Bits of EFLAGS (Intel SDM volume 1, section 3.4.3). */
    public static final int CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, TF = 0x100, IF = 0x200, DF = 0x400, OF = 0x800,
        IOPL = 0x3000, NT = 0x4000, RF = 0x10000, VM = 0x20000, AC = 0x40000, VIF = 0x80000, VIP = 0x100000, ID = 0x200000;
    /** The six arithmetic flags. */
    public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;

    /** Bits of CR0 that matter to a guest: the FPU's. */
    public static final int CR0_PE = 1, CR0_MP = 2, CR0_EM = 4, CR0_TS = 8, CR0_ET = 0x10, CR0_NE = 0x20, CR0_WP = 0x10000, CR0_PG = 0x80000000;

    /** {@link #trapnum}: the engine stopped for another reason than a trap. */
    public static final int NO_TRAP = -1;
    /** {@link #directGate}: every INT is a trap. */
    public static final int NO_GATE = -1;

    /** Attention: an interrupt line was raised. */
    public static final int INTERRUPT = 1;
    /** Attention: the vCPU thread has business of its own between turns (a part changes, pause, death). */
    public static final int BETWEEN_TURNS = 2;
    /** Attention: frames with decoded code were written to, see {@link CodeFrames}. The engine serves this one itself. */
    public static final int STALE_CODE = 4;

    private static final VarHandle ATTENTION;

    static {
        try {
            ATTENTION = MethodHandles.lookup().findVarHandle(CpuState.class, "attention", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** General registers, and {@link #ZERO}. */
    public final int[] gpr = new int[9];
    /** Offset of the next instruction in CS. */
    public int eip;
    /** Flags. Bit 1 is always set. */
    public int eflags = 0x2;
    /** Current privilege level. */
    public int cpl;
    /** Segment registers, see {@link SegmentState#ES} and its neighbours. */
    public final SegmentState[] seg = new SegmentState[6];
    /** Control register 0 as the hardware of lguest has it: protected mode, paging and WP on; TS follows the TS hypercall. */
    public int cr0 = CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE;
    /** Ring-1 stack of the task (TSS ss1, esp1), set by SET_STACK; how many pages of it are pinned. */
    public int ss1, esp1, stackPages;
    /** What SGDT, SIDT, SLDT, STR report: tables of the host that no guest can see. */
    public int gdtBase = 0xFFC01000, gdtLimit = 0xFF, idtBase = 0xFFC02000, idtLimit = 0x7FF, ldtSelector, taskSelector = 0x80;
    /** x87. */
    public final FpuState fpu = new FpuState();
    /** SSE. */
    public final XmmState xmm = new XmmState();

    /** The trap that ended the last run, 0 to 255, or {@link #NO_TRAP}. */
    public int trapnum = NO_TRAP;
    /** Its error code, 0 where it has none. */
    public int errcode;
    /** Linear address of the access that raised #PF. */
    public int faultAddress;
    /** The trap came from INT n, INT3 or INTO: {@link #eip} is behind the instruction, and the gate's DPL counts. */
    public boolean software;
    /** For such a trap: where the instruction begins. */
    public int softwareEip;

    /**
     * The vector whose INT n the engine may take itself in ring 3 during this run, by the guest's gate, as a processor does (ABI section 4.1,
     * "direct"), or {@link #NO_GATE}. The switcher chooses before each run, and has seen that the gate is present, is a trap gate,
     * and may be named by ring 3.
     */
    public int directGate = NO_GATE;

    /** Instructions completed since the guest started. */
    public long retired;

    /**
     * All that a loop polls, at block boundaries and back edges: non-zero means "return to the switcher soon" (or, for
     * {@link #STALE_CODE}, "forget code first"). Read it plainly; change it with {@link #raise} and {@link #lower} only.
     */
    public volatile int attention;

    /** A processor in its reset state; the launcher fills in what ABI section 2.2 says. */
    public CpuState() {
        for (int i = 0; i < seg.length; i++) seg[i] = new SegmentState();
    }

    /** Sets attention bits; any thread. */
    public void raise(int bits) {
        if ((attention & bits) != bits) ATTENTION.getAndBitwiseOr(this, bits);
    }

    /** Clears attention bits; the vCPU thread. */
    public void lower(int bits) {
        if ((attention & bits) != 0) ATTENTION.getAndBitwiseAnd(this, ~bits);
    }

    /** Leaves a trap for the switcher to find. */
    public void trap(int number, int error) {
        trapnum = number;
        errcode = error;
        software = false;
    }

    /** The bank of the {@link SoftTlb} in use. The host has CR0.AM set, as Linux does, whatever the guest thinks of its own CR0. */
    public int tlbBank() { return cpl != 3 ? SoftTlb.SUPERVISOR : (eflags & AC) == 0 ? SoftTlb.USER : SoftTlb.CHECKED; }

    /**
     * Looks at the whole state with distrust.
     *
     * @return null, or a sentence that names what no processor of ours can be in
     */
    public String check() {
        if (cpl != (seg[SegmentState.CS].selector & 3)) return "CPL " + cpl + " in a code segment of selector " + Integer.toHexString(seg[SegmentState.CS].selector);
        if (cpl < 1 || cpl > 3) return "ring " + cpl + " is not for guests";
        if ((eflags & 2) == 0) return "bit 1 of EFLAGS is clear";
        if ((eflags & (VM | IOPL)) != 0) return "EFLAGS with VM or IOPL: " + Integer.toHexString(eflags);
        if (gpr[ZERO] != 0) return "the zero register is not zero";
        if (!seg[SegmentState.CS].code()) return "CS is no code segment";
        return null;
    }

    /** Writes everything that outlives a turn. */
    public void save(DataOutput out) throws IOException {
        for (int i = 0; i < 8; i++) out.writeInt(gpr[i]);
        for (int w : new int[] {eip, eflags, cpl, cr0, ss1, esp1, stackPages, faultAddress}) out.writeInt(w);
        out.writeLong(retired);
        for (SegmentState s : seg) s.save(out);
        fpu.save(out);
        xmm.save(out);
    }

    /** Reads what {@link #save} wrote; call {@link #check} afterwards. */
    public void load(DataInput in) throws IOException {
        for (int i = 0; i < 8; i++) gpr[i] = in.readInt();
        eip = in.readInt();
        eflags = in.readInt();
        cpl = in.readInt();
        cr0 = in.readInt();
        ss1 = in.readInt();
        esp1 = in.readInt();
        stackPages = in.readInt();
        faultAddress = in.readInt();
        retired = in.readLong();
        for (SegmentState s : seg) s.load(in);
        fpu.load(in);
        xmm.load(in);
        trapnum = NO_TRAP;
    }

    @Override
    public String toString() {
        var s = new StringBuilder();
        String[] names = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
        for (int i = 0; i < 8; i++) s.append(String.format("%s=%08x%s", names[i], gpr[i], i % 4 == 3 ? "\n" : " "));
        s.append(String.format("eip=%08x eflags=%08x cpl=%d cr0=%08x trap=%d error=%x cr2=%08x%n", eip, eflags, cpl, cr0, trapnum, errcode, faultAddress));
        String[] segs = {"es", "cs", "ss", "ds", "fs", "gs"};
        for (int i = 0; i < 6; i++)
            s.append(String.format("%s=%04x base=%08x limit=%08x access=%04x%n", segs[i], seg[i].selector, seg[i].base, seg[i].limit, seg[i].access));
        return s.toString();
    }
}
