package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class StationTest {
    @Test
    void javadocBecomesPlainWords() {
        var found = Station.in("""
            package p;
            /**
             * H:010 A {@link Guest} that {@linkplain Host#start has been started} by {@code lguest 64}.
             *
             * <p>Second paragraph with 1 &lt; 2.
             * <ul>
             * <li>an item
             * </ul>
             *
             * @param x not told
             */
            class C { /** H:020 Another. */ int i; }
            """, "p.C");
        assertEquals(List.of("H:010", "H:020"), found.stream().map(Station::label).toList());
        assertEquals("A Guest that has been started by lguest 64.\n\nSecond paragraph with 1 < 2.\n\n- an item", found.getFirst().text());
        assertEquals("A Guest that has been started by lguest 64.", found.getFirst().opening());
    }

    @Test
    void linksShowTheNameWithoutItsPackageAndMembersBehindADot() {
        var found = Station.in("/** S:010 Calls {@link org.lguest.api.part.CpuEngine#run}, a {@link CpuState#attention}, {@link #here} in "
            + "<i>italics</i>, {@value #MAGIC}. */", "p.C");
        assertEquals("Calls CpuEngine.run, a CpuState.attention, here in italics, MAGIC.", found.getFirst().text());
    }

    @Test
    void commentsInCAreStationsToo() {
        var found = Station.in("/*G:010\n * Welcome to the Guest!\n *\n *   picture\n */", "boot/head.S");
        assertEquals("Welcome to the Guest!\n\n  picture", found.getFirst().text());
    }

    @Test
    void stationsAreInTheOrderOfTheJourney() {
        var all = new java.util.ArrayList<>(Station.in("/* S:001 a */ /* G:300 b */ /* P:100 c */ /* G:020 d */", "x"));
        java.util.Collections.sort(all);
        assertEquals(List.of("P:100", "G:020", "G:300", "S:001"), all.stream().map(Station::label).toList());
    }

    @Test
    void otherCommentsAreNone() { assertEquals(List.of(), Station.in("/* see H:010 */ /** Nothing. */ // H:020", "x")); }
}
