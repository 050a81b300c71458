package org.lguest.api.abi;

import static org.lguest.api.abi.Hypercall.*;

import java.util.EnumSet;
import java.util.Set;

/**
 * The variants of the lguest bus ABI as data (ABI sections 1.2 to 1.5): what differs between Linux releases is a row
 * here, not an {@code if} in a part.
 */
public enum Generation {
    /** Linux 2.6.24 to 2.6.29. 2.6.24 differs further, in its device descriptors, which the ABI cannot tell at INIT. */
    LINUX_2_6_24(new int[] {Register.EDX, Register.EBX, Register.ECX}, new int[] {0, 3, 1, 2}, 16, Layout.A, true, false, calls(LOAD_GDT)),
    /** Linux 2.6.30. */
    LINUX_2_6_30(new int[] {Register.EBX, Register.ECX, Register.EDX}, new int[] {0, 1, 2, 3}, 16, Layout.A, true, false, calls(LOAD_GDT_ENTRY)),
    /** Linux 2.6.31 to 3.0. */
    LINUX_2_6_31(new int[] {Register.EBX, Register.ECX, Register.EDX, Register.ESI}, new int[] {0, 1, 2, 3, 4}, 20, Layout.B, true, true, calls(LOAD_GDT_ENTRY, SEND_INTERRUPTS, SET_PMD)),
    /** Linux 3.1 to 3.19: no first page table, linear mode instead. */
    LINUX_3_1(new int[] {Register.EBX, Register.ECX, Register.EDX, Register.ESI}, new int[] {0, 1, 2, 3, 4}, 20, Layout.C, false, true, calls(LOAD_GDT_ENTRY, SEND_INTERRUPTS, SET_PMD));

    /** Offsets in {@code struct lguest_data}; -1 where the field is absent (ABI section 1.4). */
    public record Layout(int irqPending, int hcallStatus, int hcalls, int reserveMem, int tscKhz, int pgdir,
            int noirqStart, int noirqEnd, int kernelAddress, int syscallVec, int size) {
        /** Offsets that never changed. */
        public static final int IRQ_ENABLED = 0, BLOCKED_INTERRUPTS = 4, CR2 = 8, TIME_SEC = 12, TIME_NSEC = 16;

        static final Layout A = new Layout(-1, 20, 84, 1108, 1112, 1116, 1120, 1124, 1128, 1132, 1136);
        static final Layout B = new Layout(20, 24, 88, 1368, 1372, 1376, 1380, 1384, 1388, 1392, 1396);
        static final Layout C = new Layout(20, 24, 88, 1368, 1372, -1, 1376, 1380, 1384, 1388, 1392);
    }

    /** Encodings of the argument registers. */
    private static final class Register {
        static final int ECX = 1, EDX = 2, EBX = 3, ESI = 6, NONE = 8;
    }

    private final int[] registers;
    private final int[] ringWords;
    private final int ringEntryBytes;
    private final Layout layout;
    private final boolean firstPageTable;
    private final boolean pae;
    private final Set<Hypercall> calls;
    private final Hypercall[] byNumber = new Hypercall[32];

    Generation(int[] registers, int[] ringWords, int ringEntryBytes, Layout layout, boolean firstPageTable, boolean pae, Set<Hypercall> calls) {
        this.registers = registers;
        this.ringWords = ringWords;
        this.ringEntryBytes = ringEntryBytes;
        this.layout = layout;
        this.firstPageTable = firstPageTable;
        this.pae = pae;
        this.calls = calls;
        for (Hypercall c : calls) byNumber[c.number()] = c;
    }

    private static Set<Hypercall> calls(Hypercall... own) {
        var s = EnumSet.of(FLUSH_ASYNC, LGUEST_INIT, SHUTDOWN, NEW_PGTABLE, FLUSH_TLB, LOAD_IDT_ENTRY, SET_STACK, TS,
            SET_CLOCKEVENT, HALT, SET_PTE, SET_PGD, LOAD_TLS, NOTIFY);
        s.addAll(java.util.List.of(own));
        return s;
    }

    /** Indices in {@code CpuState.gpr} of the registers that hold arguments 1, 2, 3 and, where there is one, 4. */
    public int argumentRegister(int argument) { return argument <= registers.length ? registers[argument - 1] : Register.NONE; }

    /** Which 32-bit word of a ring entry holds argument {@code n} (0 is the number); -1 when the entry has no such word. */
    public int ringWord(int n) { return n < ringWords.length ? ringWords[n] : -1; }

    /** Bytes of a ring entry. */
    public int ringEntryBytes() { return ringEntryBytes; }

    /** Offsets in {@code lguest_data}. */
    public Layout layout() { return layout; }

    /** The guest runs on a page table that the Host built, from INIT on. */
    public boolean firstPageTable() { return firstPageTable; }

    /** Guests of this generation may have PAE tables. */
    public boolean pae() { return pae; }

    /** The hypercalls that exist. */
    public Set<Hypercall> calls() { return java.util.Collections.unmodifiableSet(calls); }

    /** The call of a number, or null. */
    public Hypercall call(int number) { return number >= 0 && number < byNumber.length ? byNumber[number] : null; }
}
