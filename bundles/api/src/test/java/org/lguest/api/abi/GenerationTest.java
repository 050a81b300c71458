package org.lguest.api.abi;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows of the table of variants against ABI sections 1.1 to 1.4 and 11.0. */
class GenerationTest {
    @ParameterizedTest
    @CsvSource({"2006023,", "2006024,LINUX_2_6_24", "2006025,LINUX_2_6_25", "2006026,LINUX_2_6_26", "2006027,LINUX_2_6_27", "2006029,LINUX_2_6_27",
        "2006030,LINUX_2_6_30", "2006031,LINUX_2_6_31", "2006039,LINUX_2_6_31", "3000101,LINUX_2_6_31", "3001000,LINUX_3_1", "3019008,LINUX_3_1",
        "4000000,", "0,"})
    void aReleaseBelongsToOneGeneration(int release, Generation generation) { assertEquals(generation, Generation.ofRelease(release)); }

    @ParameterizedTest
    @CsvSource({"LINUX_2_6_24,true,false,128,24,8", "LINUX_2_6_25,false,true,128,16,10", "LINUX_2_6_26,false,false,128,16,10",
        "LINUX_2_6_27,false,false,256,16,10", "LINUX_2_6_30,false,false,256,16,10", "LINUX_3_1,false,false,256,16,10"})
    void theBusChangedStepByStep(Generation g, boolean tagged, boolean notifyResets, int queue, int block, int net) {
        assertEquals(new Generation.Bus(tagged, notifyResets, queue, block, net), g.bus());
    }

    @ParameterizedTest
    @CsvSource({"LINUX_2_6_24,2 3 1 8,0 3 1 2 -1,16,1136", "LINUX_2_6_27,2 3 1 8,0 3 1 2 -1,16,1136", "LINUX_2_6_30,3 1 2 8,0 1 2 3 -1,16,1136",
        "LINUX_2_6_31,3 1 2 6,0 1 2 3 4,20,1396", "LINUX_3_1,3 1 2 6,0 1 2 3 4,20,1392"})
    void argumentsAreInTheRegistersAndWordsOfTheirTime(Generation g, String registers, String words, int entry, int data) {
        assertEquals(registers, row(1, 4, g::argumentRegister));
        assertEquals(words, row(0, 4, g::ringWord));
        assertEquals(entry, g.ringEntryBytes());
        assertEquals(data, g.layout().size());
    }

    private static String row(int from, int to, java.util.function.IntUnaryOperator f) {
        return java.util.stream.IntStream.rangeClosed(from, to).map(f).mapToObj(String::valueOf).collect(java.util.stream.Collectors.joining(" "));
    }

    @Test
    void callsComeAndGo() {
        for (Generation g : Generation.values()) {
            boolean wholeGdt = g.compareTo(Generation.LINUX_2_6_30) < 0;
            boolean fourArguments = g.compareTo(Generation.LINUX_2_6_31) >= 0;
            assertEquals(wholeGdt, g.calls().contains(Hypercall.LOAD_GDT), g.name());
            assertEquals(!wholeGdt, g.calls().contains(Hypercall.LOAD_GDT_ENTRY), g.name());
            assertEquals(fourArguments, g.calls().contains(Hypercall.SET_PMD) && g.calls().contains(Hypercall.SEND_INTERRUPTS), g.name());
            assertEquals(fourArguments, g.pae(), g.name());
            assertEquals(g != Generation.LINUX_3_1, g.firstPageTable(), g.name());
            assertEquals(g == Generation.LINUX_3_1, g.strictTables(), g.name());
        }
    }
}
