package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.*;
import static org.lguest.api.state.CpuState.*;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CpuStateTest {
    private static CpuState kernel() {
        var gdt = new DescriptorTable();
        var cpu = new CpuState();
        cpu.cpl = 1;
        cpu.seg[SegmentState.CS].load(DescriptorTable.KERNEL_CS, gdt.low(12), gdt.high(12));
        cpu.seg[SegmentState.DS].load(DescriptorTable.KERNEL_DS, gdt.low(13), gdt.high(13));
        return cpu;
    }

    @Test
    void theInitialSegmentsAreFlatRing1CodeAndData() {
        CpuState cpu = kernel();
        assertNull(cpu.check());
        assertTrue(cpu.seg[SegmentState.DS].flatData());
        assertTrue(cpu.seg[SegmentState.CS].code());
        assertTrue(cpu.seg[SegmentState.CS].big());
        assertEquals(1, cpu.seg[SegmentState.DS].dpl());
        assertFalse(cpu.seg[SegmentState.CS].writable());
    }

    @Test
    void whatIsSavedIsWhatIsLoaded() throws IOException {
        CpuState cpu = kernel();
        for (int i = 0; i < 8; i++) cpu.gpr[i] = 0x01010101 * i;
        cpu.eip = 0xC0100000;
        cpu.eflags = 0x246;
        cpu.retired = 1L << 40;
        cpu.esp1 = 0xC1234000;
        cpu.fpu.significand[3] = 0x8000000000000001L;
        cpu.fpu.signExponent[3] = 0xBFFF;
        cpu.fpu.status = 0x3800;
        var bytes = new ByteArrayOutputStream();
        cpu.save(new DataOutputStream(bytes));
        var copy = new CpuState();
        copy.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        assertNull(copy.check());
        assertEquals(cpu.toString(), copy.toString());
        assertEquals(cpu.retired, copy.retired);
        assertEquals(cpu.esp1, copy.esp1);
        assertEquals(0x8000000000000001L, copy.fpu.significand[3]);
        assertEquals(0xBFFF, copy.fpu.signExponent[3]);
        assertEquals(0x3800, copy.fpu.status);
    }

    @Test
    void damagedStateIsNamed() {
        CpuState ring0 = kernel();
        ring0.cpl = 0;
        assertNotNull(ring0.check());
        CpuState vm86 = kernel();
        vm86.eflags |= VM;
        assertTrue(vm86.check().contains("VM"));
        CpuState zero = kernel();
        zero.gpr[ZERO] = 1;
        assertTrue(zero.check().contains("zero register"));
    }

    @Test
    void attentionBitsAreRaisedAndLoweredOneByOne() {
        var cpu = new CpuState();
        cpu.raise(INTERRUPT);
        cpu.raise(STALE_CODE);
        cpu.lower(INTERRUPT);
        assertEquals(STALE_CODE, cpu.attention);
    }
}
