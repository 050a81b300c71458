package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.host.Bench.soon;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.Seat;
import org.lguest.host.Bench.Engine;
import org.lguest.host.Bench.Model;
import org.lguest.host.Bench.Provider;
import org.lguest.host.Bench.Reference;

/** A guest has a word in who works for it, and rankings may change under it. */
@Timeout(300)
class PreferenceTest {
    private final Bench bench = Bench.withoutCpu();
    private final Engine usual = new Engine(), other = new Engine();
    private final Reference<CpuEngine> usualReference = new Reference<>(5, "usual"), otherReference = new Reference<>(0, "other");

    @BeforeEach
    void seat() {
        bench.host.bindCpu(usualReference, usual);
        bench.host.bindCpu(otherReference, other);
    }

    @AfterEach
    void close() { bench.close(); }

    private static CpuEngine cpu(Guest g) { return g.vcpu().parts().cpu(); }

    private Seat seat(Guest g, String name) { return bench.host.machine(g).stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow(); }

    private String refused(Guest g, String seat, String provider) {
        return assertThrows(IllegalArgumentException.class, () -> bench.host.prefer(g, seat, provider)).getMessage();
    }

    @Test
    void theWantedOneSitsForThisGuestOnly() throws Exception {
        Guest a = bench.running("a"), b = bench.running("b");
        bench.host.prefer(a, "cpu", "OTHER");
        assertSame(other, cpu(a));
        assertSame(usual, cpu(b));
        assertEquals(List.of("adopt a", "release a"), usual.notes.stream().filter(n -> n.endsWith(" a")).toList());
        bench.host.prefer(a, "cpu", "");
        assertSame(usual, cpu(a));
        assertEquals(List.of("adopt a", "release a"), other.notes);
    }

    @Test
    void whoIsAwayIsReplacedByTheBestAndHasTheSeatAgainWhenHeReturns() throws Exception {
        Guest a = bench.running("a");
        bench.host.prefer(a, "cpu", "other");
        bench.host.unbindCpu(otherReference);
        assertSame(usual, cpu(a));
        assertTrue(bench.host.seats(a).contains("cpu: leaving (usual), not the wanted other"), () -> bench.host.seats(a).toString());
        bench.host.bindCpu(otherReference, other);
        assertSame(other, cpu(a));
        assertFalse(seat(a, "cpu").missed());
    }

    @Test
    void aRankingThatChangesSeatsAnother() throws Exception {
        Guest a = bench.running("a");
        otherReference.ranking = 9;
        bench.host.bindCpu(otherReference, other); // as the framework tells of changed properties
        assertSame(other, cpu(a));
        otherReference.ranking = -1;
        bench.host.bindCpu(otherReference, other);
        assertSame(usual, cpu(a));
        assertEquals(List.of("adopt a", "release a"), other.notes);
    }

    @Test
    void theSpecNamesThemFromTheBeginningEvenWhenTheyAreNotThereYet() throws Exception {
        Guest g = new Guest(new GuestSpec("a", 1, null, null, "", List.of(), null, null, Map.of("cpu", "late")), org.lguest.api.state.GuestMemory.create(1 << 20));
        bench.host.admit(g);
        bench.host.start(g);
        assertSame(usual, cpu(g));
        assertTrue(seat(g, "cpu").missed());
        Engine late = new Engine();
        bench.host.bindCpu(new Reference<>(-5, "late"), late);
        assertSame(late, cpu(g));
        assertTrue(soon(() -> late.runs.get() > 0));
    }

    @Test
    void anotherLifeWantsTheSame() throws Exception {
        Guest a = bench.running("a");
        bench.host.prefer(a, "cpu", "other");
        assertEquals(Map.of("cpu", "other"), a.spec().seats());
        bench.host.prefer(a, "cpu", "");
        assertEquals(Map.of(), a.spec().seats());
    }

    @Test
    void modelAndBackendOfOneDeviceAreChosen() throws Exception {
        Model usualDisk = new Model(DeviceType.BLOCK), otherDisk = new Model(DeviceType.BLOCK);
        Provider usualRoom = new Provider(DeviceType.BLOCK, "raw"), otherRoom = new Provider(DeviceType.BLOCK, "raw");
        bench.host.bindModel(new Reference<DeviceModel>(0, "usual"), usualDisk);
        bench.host.bindModel(new Reference<DeviceModel>(0, "other"), otherDisk);
        bench.host.bindProvider(new Reference<BackendProvider>(0, "usual"), usualRoom);
        bench.host.bindProvider(new Reference<BackendProvider>(0, "other"), otherRoom);
        Guest g = bench.running("a", Bench.disk("raw:x"), Bench.disk("raw:y"));
        bench.host.prefer(g, "block1", "other");
        assertEquals(List.of("adopt a"), usualDisk.notes, "it has the other disk still");
        assertEquals(List.of("adopt a"), otherDisk.notes);
        bench.host.prefer(g, "block1.backend", "other");
        assertEquals(List.of("y"), otherRoom.opened.stream().map(p -> p.rest).toList());
        assertEquals(List.of(false, true), usualRoom.opened.stream().limit(2).map(p -> p.closed).toList());
        assertEquals("other", seat(g, "block1.backend").taken().orElseThrow().name());
        assertEquals("usual", seat(g, "block0.backend").taken().orElseThrow().name());
    }

    @Test
    void whoCannotServeIsNotWantedAnyMore() throws Exception {
        Provider usualRoom = new Provider(DeviceType.BLOCK, "raw"), otherRoom = new Provider(DeviceType.BLOCK, "raw");
        otherRoom.broken = true;
        bench.host.bindModel(new Reference<DeviceModel>(0), new Model(DeviceType.BLOCK));
        bench.host.bindProvider(new Reference<BackendProvider>(0, "usual"), usualRoom);
        bench.host.bindProvider(new Reference<BackendProvider>(0, "other"), otherRoom);
        Guest g = bench.running("a", Bench.disk("raw:x"));
        assertEquals("other cannot serve block0.backend of a; its log tells why", refused(g, "block0.backend", "other"));
        assertEquals("usual", seat(g, "block0.backend").taken().orElseThrow().name());
        assertTrue(g.log().events().stream().anyMatch(e -> e.text().equals("block 0: the disk x is broken")));
    }

    @Test
    void guestsThatShareSomethingAllLeaveBeforeAnybodyEnters() throws Exception {
        Provider usualRoom = new Provider(DeviceType.BLOCK, "raw");
        List<Boolean> closedBefore = new java.util.ArrayList<>();
        bench.host.bindModel(new Reference<DeviceModel>(0), new Model(DeviceType.BLOCK));
        bench.host.bindProvider(new Reference<BackendProvider>(0), usualRoom);
        bench.running("a", Bench.disk("raw:x"));
        bench.running("b", Bench.disk("raw:x"));
        bench.host.bindProvider(new Reference<BackendProvider>(1), new BackendProvider() {
            @Override
            public DeviceType type() { return DeviceType.BLOCK; }

            @Override
            public String scheme() { return "raw"; }

            @Override
            public org.lguest.api.part.Backend open(Guest guest, String rest) {
                usualRoom.opened.forEach(p -> closedBefore.add(p.closed));
                return new Bench.Plain(rest);
            }
        });
        assertEquals(List.of(true, true, true, true), closedBefore);
    }

    @Test
    void anEmptySeatIsOneThatNobodyHasTaken() throws Exception {
        Guest a = bench.running("a");
        bench.host.unbindCpu(usualReference);
        bench.host.unbindCpu(otherReference);
        assertEquals(List.of("cpu"), bench.host.machine(a).stream().filter(s -> s.taken().isEmpty()).map(Seat::name).toList());
    }

    @Test
    void whatMakesNoSenseIsRefusedWithWhatThereIs() throws Exception {
        Guest a = bench.running("a");
        assertEquals("nobody goes by 'nobody' for the seat cpu; there are: usual, other", refused(a, "cpu", "nobody"));
        assertTrue(refused(a, "tail", "usual").startsWith("a has no seat 'tail'; there are: cpu, mmu, switcher, clock, hypercalls.life, "));
        assertTrue(refused(a, "tail", "").startsWith("a has no seat 'tail'"));
        assertEquals(Map.of(), a.spec().seats());
    }

    @Test
    void aProviderGoesByBundleVersionAndNameInThisOrder() {
        Candidate<Object> c = new Candidate<>(new Reference<>(0, "Tiered"), this);
        for (String word : List.of("tiered", "leaving", "LEAVING/tiered", "leaving//Tiered")) assertTrue(c.is(word), word);
        for (String word : List.of("", "tier", "tiered/leaving", "leaving/other", "tiered/")) assertFalse(c.is(word), word);
        assertEquals("Tiered", c.shortest(List.of(c)));
        Candidate<Object> twin = new Candidate<>(new Reference<>(0, "tiered"), this);
        assertEquals("leaving//Tiered", c.shortest(List.of(c, twin)));
    }
}
