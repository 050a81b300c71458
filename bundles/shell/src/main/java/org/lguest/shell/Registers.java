package org.lguest.shell;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.lguest.api.Guest;
import org.lguest.api.VcpuThread;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;

/** The processor in words, looked at between two turns, when it is precise. */
final class Registers {
    private static final String[] GENERAL = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
    private static final Object[][] FLAGS = {{CpuState.CF, "CF"}, {CpuState.PF, "PF"}, {CpuState.AF, "AF"}, {CpuState.ZF, "ZF"}, {CpuState.SF, "SF"},
        {CpuState.TF, "TF"}, {CpuState.IF, "IF"}, {CpuState.DF, "DF"}, {CpuState.OF, "OF"}, {CpuState.NT, "NT"}, {CpuState.AC, "AC"}, {CpuState.ID, "ID"}};
    private static final long WAIT_SECONDS = 5;

    private Registers() { }

    static String of(Guest guest) throws UsageException, InterruptedException {
        VcpuThread vcpu = guest.vcpu();
        if (vcpu == null) return text(guest);
        CompletableFuture<String> seen = new CompletableFuture<>();
        vcpu.between(() -> seen.complete(text(guest)));
        try {
            CompletableFuture.anyOf(seen, vcpu.finished()).get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // neither of the two fails
        } catch (TimeoutException e) {
            throw new UsageException("the processor of " + guest + " did not come to the end of its turn within " + WAIT_SECONDS + " seconds");
        }
        return seen.isDone() ? seen.join() : text(guest);
    }

    private static String text(Guest guest) {
        CpuState cpu = guest.cpu();
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < GENERAL.length; i++) s.append(hex(GENERAL[i], cpu.gpr[i])).append(i % 4 == 3 ? "\n" : "  ");
        s.append(hex("eip", cpu.eip)).append("  ").append(hex("eflags", cpu.eflags)).append(" [").append(flags(cpu.eflags)).append("]\n");
        for (int i = 0; i < SEGMENTS.length; i++) {
            SegmentState g = cpu.seg[i];
            s.append(String.format("%s=%04x base=%08x limit=%08x dpl=%d%s%n", SEGMENTS[i], g.selector, g.base, g.limit, g.dpl(), g.usable() ? "" : " (unusable)"));
        }
        s.append(hex("cr0", cpu.cr0)).append("  ").append(hex("cr2", cpu.faultAddress)).append("  ").append(hex("cr3", guest.roots().current))
            .append("  ring ").append(cpu.cpl).append(guest.halted ? ", halted" : "").append('\n');
        return s.append(Long.toUnsignedString(cpu.retired)).append(" instructions").toString();
    }

    private static String hex(String name, int value) { return String.format("%s=%08x", name, value); }

    private static String flags(int eflags) {
        StringBuilder s = new StringBuilder();
        for (Object[] f : FLAGS) if ((eflags & (int) f[0]) != 0) s.append(s.isEmpty() ? "" : " ").append(f[1]);
        return s.toString();
    }
}
