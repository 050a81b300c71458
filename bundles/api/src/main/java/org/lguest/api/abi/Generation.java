package org.lguest.api.abi;

import static org.lguest.api.abi.Hypercall.*;

import java.util.EnumSet;
import java.util.Set;

/**
 * The variants of the ABI before PCI as data (ABI sections 1.1 to 1.5, 10.0, 11.0): what differs between Linux releases is a row
 * here, not an {@code if} in a part. In the order of the releases.
 *
 * <p>LGUEST_INIT shows a guest's registers, ring and layout, and so tells the rows apart that differ in these. Those of 2.6.24 to
 * 2.6.29 differ in their devices only; for them the release in the kernel's image decides.
 */
public enum Generation {
    /** Linux 2.6.23-rc1: the first of all, and what its Launcher's document describes. */
    LINUX_2_6_23_RC1(2_006_023, Calling.CLASSIC, Layout.RC1, Bus.CLASSIC, true, false, false, classic(GET_WALLCLOCK)),
    /** Linux 2.6.23: the time is in {@code lguest_data}. */
    LINUX_2_6_23(2_006_023, Calling.CLASSIC, Layout.CLASSIC, Bus.CLASSIC, true, false, false, classic()),
    /** Linux 2.6.24: tagged descriptors. */
    LINUX_2_6_24(2_006_024, Calling.EDX_EBX_ECX, Layout.A, Bus.TAGGED, true, false, false, calls(CRASH, LOAD_GDT)),
    /** Linux 2.6.25: flat descriptors; a NOTIFY of one is a reset. */
    LINUX_2_6_25(2_006_025, Calling.EDX_EBX_ECX, Layout.A, Bus.RESET_BY_NOTIFY, true, false, false, calls(SHUTDOWN, LOAD_GDT)),
    /** Linux 2.6.26: a NOTIFY of a descriptor tells of a new status. */
    LINUX_2_6_26(2_006_026, Calling.EDX_EBX_ECX, Layout.A, Bus.SHORT_RINGS, true, false, false, calls(SHUTDOWN, LOAD_GDT)),
    /** Linux 2.6.27 to 2.6.29. */
    LINUX_2_6_27(2_006_027, Calling.EDX_EBX_ECX, Layout.A, Bus.FLAT, true, false, false, calls(SHUTDOWN, LOAD_GDT)),
    /** Linux 2.6.30. */
    LINUX_2_6_30(2_006_030, Calling.EBX_ECX_EDX, Layout.A, Bus.FLAT, true, false, false, calls(SHUTDOWN, LOAD_GDT_ENTRY)),
    /** Linux 2.6.31 to 3.0. */
    LINUX_2_6_31(2_006_031, Calling.EBX_ECX_EDX_ESI, Layout.B, Bus.FLAT, true, true, false, calls(SHUTDOWN, LOAD_GDT_ENTRY, SEND_INTERRUPTS, SET_PMD)),
    /** Linux 3.1 to 3.19: no first page table, linear mode instead. */
    LINUX_3_1(3_001_000, Calling.EBX_ECX_EDX_ESI, Layout.C, Bus.FLAT, false, true, true, calls(SHUTDOWN, LOAD_GDT_ENTRY, SEND_INTERRUPTS, SET_PMD));

    /** The first release whose devices are on PCI. */
    private static final int PCI = 4_000_000;

    /** Where arguments are: registers by their encoding, and the words of a ring entry (ABI section 1.3). */
    private enum Calling {
        CLASSIC(new int[] {2, 3, 1}, new int[] {0, 1, 2, 3}),
        EDX_EBX_ECX(new int[] {2, 3, 1}, new int[] {0, 3, 1, 2}),
        EBX_ECX_EDX(new int[] {3, 1, 2}, new int[] {0, 1, 2, 3}),
        EBX_ECX_EDX_ESI(new int[] {3, 1, 2, 6}, new int[] {0, 1, 2, 3, 4});

        private static final int NONE = 8;
        private final int[] registers, ringWords;

        Calling(int[] registers, int[] ringWords) {
            this.registers = registers;
            this.ringWords = ringWords;
        }
    }

    /**
     * What guest and Host tell each other about devices (ABI sections 11.0, 11.1, 11.6 and 11.8).
     *
     * @param tagged           descriptors are sequences of tagged fields, without status protocol and feature bits
     * @param notifyResets     the guest does not write the status before it asks for a reset: NOTIFY of a descriptor means nothing else
     * @param queueSize        entries in a ring as the launcher of that release made them
     * @param blockHeaderBytes size of the header of a request to a block device
     * @param netHeaderBytes   size of the header before each frame
     * @param classic          no virtio at all: sixteen slots and DMA by keys (ABI section 10); the rest means nothing then
     */
    public record Bus(boolean tagged, boolean notifyResets, int queueSize, int blockHeaderBytes, int netHeaderBytes, boolean classic) {
        /** As Linux 2.6.23 has it. */
        public static final Bus CLASSIC = new Bus(false, false, 0, 0, 0, true);
        /** As Linux 2.6.24 has it. */
        public static final Bus TAGGED = new Bus(true, false, Virtio.OLD_QUEUE_SIZE, 24, 8);
        /** As Linux 2.6.27 and later have it. */
        public static final Bus FLAT = new Bus(false, false, Virtio.QUEUE_SIZE, 16, 10);

        /** One of virtio. */
        public Bus(boolean tagged, boolean notifyResets, int queueSize, int blockHeaderBytes, int netHeaderBytes) {
            this(tagged, notifyResets, queueSize, blockHeaderBytes, netHeaderBytes, false);
        }

        static final Bus SHORT_RINGS = new Bus(false, false, Virtio.OLD_QUEUE_SIZE, 16, 10);
        static final Bus RESET_BY_NOTIFY = new Bus(false, true, Virtio.OLD_QUEUE_SIZE, 16, 10);
    }

    /** Offsets in {@code struct lguest_data}; -1 where the field is absent (ABI section 1.4). */
    public record Layout(int time, int irqPending, int hcallStatus, int hcalls, int reserveMem, int tscKhz, int pgdir,
            int noirqStart, int noirqEnd, int kernelAddress, int syscallVec, int size, int guestId) {
        /** Offsets that never changed. */
        public static final int IRQ_ENABLED = 0, BLOCKED_INTERRUPTS = 4, CR2 = 8;
        /** Where the time is, but in the very first layout: seconds, and nanoseconds behind them. */
        public static final int TIME_SEC = 12, TIME_NSEC = 16;

        static final Layout RC1 = new Layout(-1, -1, 12, 76, 1100, 1108, -1, 1112, 1116, -1, -1, 1120, 1104);
        static final Layout CLASSIC = new Layout(TIME_SEC, -1, 20, 84, 1108, 1116, -1, 1120, 1124, -1, -1, 1128, 1112);

        static final Layout A = new Layout(TIME_SEC, -1, 20, 84, 1108, 1112, 1116, 1120, 1124, 1128, 1132, 1136, -1);
        static final Layout B = new Layout(TIME_SEC, 20, 24, 88, 1368, 1372, 1376, 1380, 1384, 1388, 1392, 1396, -1);
        static final Layout C = new Layout(TIME_SEC, 20, 24, 88, 1368, 1372, -1, 1376, 1380, 1384, 1388, 1392, -1);
    }

    private final int since;
    private final Calling calling;
    private final Layout layout;
    private final Bus bus;
    private final boolean firstPageTable;
    private final boolean pae;
    private final boolean strictTables;
    private final Set<Hypercall> calls;
    private final Hypercall[] byNumber = new Hypercall[32];

    Generation(int since, Calling calling, Layout layout, Bus bus, boolean firstPageTable, boolean pae, boolean strictTables, Set<Hypercall> calls) {
        this.since = since;
        this.calling = calling;
        this.layout = layout;
        this.bus = bus;
        this.firstPageTable = firstPageTable;
        this.pae = pae;
        this.strictTables = strictTables;
        this.calls = calls;
        for (Hypercall c : calls) byNumber[c.number()] = c;
    }

    /**
     * The generation of a release of Linux that finds its devices on the lguest bus. Those before have a mark in their image instead.
     *
     * @param release version as a number: 2.6.24 is 2006024, 3.19.8 is 3019008
     * @return null where the release has no lguest bus
     */
    public static Generation ofRelease(int release) {
        Generation found = null;
        for (Generation g : values()) if (!g.bus.classic() && release >= g.since && release < PCI) found = g;
        return found;
    }

    private static Set<Hypercall> calls(Hypercall... own) {
        var s = EnumSet.of(FLUSH_ASYNC, LGUEST_INIT, NEW_PGTABLE, FLUSH_TLB, LOAD_IDT_ENTRY, SET_STACK, TS,
            SET_CLOCKEVENT, HALT, SET_PTE, SET_PGD, LOAD_TLS, NOTIFY);
        s.addAll(java.util.List.of(own));
        return s;
    }

    private static Set<Hypercall> classic(Hypercall... own) {
        var s = calls(own);
        s.remove(NOTIFY);
        s.addAll(EnumSet.of(CRASH, LOAD_GDT, BIND_DMA, SEND_DMA));
        return s;
    }

    /** Indices in {@code CpuState.gpr} of the registers that hold arguments 1, 2, 3 and, where there is one, 4. */
    public int argumentRegister(int argument) { return argument <= calling.registers.length ? calling.registers[argument - 1] : Calling.NONE; }

    /** Which 32-bit word of a ring entry holds argument {@code n} (0 is the number); -1 when the entry has no such word. */
    public int ringWord(int n) { return n < calling.ringWords.length ? calling.ringWords[n] : -1; }

    /** Bytes of a ring entry. */
    public int ringEntryBytes() { return 4 * calling.ringWords.length; }

    /** The ring is looked at before every stretch of guest code, whatever stopped the last one; later only when a hypercall traps. */
    public boolean drainsEveryTurn() { return bus.classic(); }

    /** Offsets in {@code lguest_data}. */
    public Layout layout() { return layout; }

    /** How devices are described and spoken to. */
    public Bus bus() { return bus; }

    /** The guest runs on a page table that the Host built: from INIT on, and 2.6.23 from its first instruction on. */
    public boolean firstPageTable() { return firstPageTable; }

    /** Guests of this generation may have PAE tables. */
    public boolean pae() { return pae; }

    /**
     * SET_PGD beyond the top-level table kills, where older hosts ignore it; and SET_PTE in the Host's own area kills with a
     * sentence of its own (ABI sections 6.5 and 9).
     */
    public boolean strictTables() { return strictTables; }

    /** The hypercalls that exist. */
    public Set<Hypercall> calls() { return java.util.Collections.unmodifiableSet(calls); }

    /** The call of a number, or null. */
    public Hypercall call(int number) { return number >= 0 && number < byNumber.length ? byNumber[number] : null; }
}
