package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.host.Bench.disk;
import static org.lguest.host.Bench.soon;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.Limits;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.Rate;
import org.lguest.api.state.Throttle;
import org.lguest.host.Bench.Engine;
import org.lguest.host.Bench.Model;
import org.lguest.host.Bench.Plain;
import org.lguest.host.Bench.Provider;
import org.lguest.host.Bench.Reference;

/** Devices: who serves them, when they live, what they leave. */
@Timeout(300)
class DevicesTest {
    private final Bench bench = Bench.withoutCpu();
    private final Model model = new Model(DeviceType.BLOCK);
    private final Reference<DeviceModel> modelReference = new Reference<>(0);
    private final Provider provider = new Provider(DeviceType.BLOCK, "raw");
    private final Reference<BackendProvider> providerReference = new Reference<>(0);

    @BeforeEach
    void plug() {
        bench.host.bindCpu(new Reference<>(0), new Engine());
        bench.host.bindModel(modelReference, model);
        bench.host.bindProvider(providerReference, provider);
    }

    @AfterEach
    void unplug() { bench.close(); }

    private static DeviceState device(Guest g, int i) { return g.devicePage().devices().get(i); }

    private static void status(Guest g, int bits) { g.memory().store8(device(g, 0).status, bits); }

    private boolean served(int times) { return soon(() -> model.services.get() >= times); }

    @Test
    void devicesStandOnTheBusInOrderWithTheConsoleLast() throws Exception {
        Guest g = bench.admitted("a", disk("raw:one"), disk("raw:two"));
        assertEquals(List.of("block 0", "block 1", "console 2"), g.devicePage().devices().stream().map(DeviceState::toString).toList());
        assertEquals(List.of("one", "two"), provider.opened.stream().map(p -> p.rest).toList());
    }

    @Test
    void aKickMakesADeviceLive() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        bench.host.settle(g);
        assertEquals(0, model.services.get());
        bench.host.kick(g, device(g, 0), 0);
        assertTrue(served(2), "both queues are looked at");
    }

    @Test
    void theStatusDriverMakesADeviceLiveAndZeroResetsIt() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        DeviceState d = device(g, 0);
        status(g, Virtio.ACKNOWLEDGE);
        bench.host.statusChanged(g, d);
        assertEquals(0, model.services.get());
        status(g, Virtio.ACKNOWLEDGE | Virtio.DRIVER);
        bench.host.statusChanged(g, d);
        assertTrue(served(2), "both queues are looked at");
        d.queues.get(0).lastAvail = 5;
        g.memory().store16(d.queues.get(0).available() + 2, 5);
        g.memory().store8(d.accepted, 3);
        status(g, 0);
        bench.host.statusChanged(g, d);
        assertEquals(0, d.queues.get(0).lastAvail);
        assertEquals(0, g.memory().load16(d.queues.get(0).available() + 2));
        assertEquals(0, d.acceptedFeatures(g.memory()));
        int before = model.services.get();
        provider.opened.getFirst().wake.run();
        bench.host.settle(g);
        assertEquals(before, model.services.get(), "a reset device is not served");
    }

    @Test
    void whereNotifyOfADescriptorMeansResetTheStatusDoesNotMatter() throws Exception {
        Guest g = bench.guest("a", disk("raw:one"));
        g.expect(Generation.LINUX_2_6_25);
        bench.host.admit(g);
        bench.host.start(g);
        DeviceState d = device(g, 0);
        bench.host.kick(g, d, 0);
        assertTrue(served(2), "both queues are looked at");
        d.queues.get(0).lastAvail = 5;
        status(g, Virtio.ACKNOWLEDGE | Virtio.DRIVER | Virtio.DRIVER_OK);
        bench.host.statusChanged(g, d);
        assertEquals(0, g.memory().load8(d.status));
        assertEquals(0, d.queues.get(0).lastAvail);
        int before = model.services.get();
        bench.host.kick(g, d, 0);
        assertTrue(served(before + 2), "the next kick brings it to life again");
    }

    @Test
    void devicesHaveTheFormAndTheRingsThatTheKernelsReleaseAsksFor() throws Exception {
        Guest g = bench.guest("a", disk("raw:one"));
        g.expect(Generation.LINUX_2_6_24);
        bench.host.bindModel(new Reference<>(1), new Model(DeviceType.BLOCK) {
            @Override
            public Shape shape(Backend backend) { return new Shape(new int[] {256, 8}, 3, new byte[16]); }
        });
        bench.host.admit(g);
        assertEquals(List.of(128, 8), device(g, 0).queues.stream().map(q -> q.num).toList());
        assertEquals(device(g, 0).descriptor + 2, device(g, 0).status, "a tagged descriptor");
    }

    @Test
    void aDriverThatFailedIsToldInTheLogAndItsWordStays() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        bench.host.kick(g, device(g, 0), 0);
        int failed = Virtio.ACKNOWLEDGE | Virtio.DRIVER | Virtio.FAILED;
        status(g, failed);
        bench.host.statusChanged(g, device(g, 0));
        assertEquals(failed, g.memory().load8(device(g, 0).status));
        assertTrue(g.log().events().getLast().text().contains("gave up"));
        assertFalse(g.dead());
    }

    @Test
    void aBackendThatIsReadyWakesTheQueues() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        bench.host.kick(g, device(g, 0), 0);
        assertTrue(served(2), "both queues are looked at");
        int before = model.services.get();
        provider.opened.getFirst().wake.run();
        assertTrue(soon(() -> model.services.get() > before));
    }

    @Test
    void aModelIsReleasedOnceForAllItsDevicesAndOnlyWhenNobodyIsInside() throws Exception {
        Guest g = bench.running("a", disk("raw:one"), disk("raw:two"));
        for (int d = 0; d < 2; d++) for (int q = 0; q < 2; q++) bench.host.kick(g, device(g, d), q);
        bench.host.unbindModel(modelReference, model);
        assertEquals(0, model.inside.get());
        assertEquals(List.of("adopt a", "release a"), model.notes);
        int services = model.services.get();
        bench.host.kick(g, device(g, 0), 0);
        Model next = new Model(DeviceType.BLOCK);
        bench.host.bindModel(new Reference<>(0), next);
        assertTrue(soon(() -> next.services.get() >= 2), "what waited in the rings is looked at");
        assertEquals(services, model.services.get());
        assertEquals(List.of("adopt a"), next.notes);
        assertFalse(provider.opened.getFirst().closed, "the backend stays when the model changes");
    }

    @Test
    void anotherProviderOpensTheSameBackendsAgain() throws Exception {
        Guest g = bench.running("a", disk("raw:one"), disk("raw:two"));
        Backend before = bench.host.backend(g, device(g, 0)).orElseThrow();
        Provider better = new Provider(DeviceType.BLOCK, "raw");
        bench.host.bindProvider(new Reference<>(1), better);
        assertTrue(provider.opened.stream().allMatch(p -> p.closed));
        assertEquals(List.of("one", "two"), better.opened.stream().map(p -> p.rest).toList());
        assertNotSame(before, bench.host.backend(g, device(g, 0)).orElseThrow());
    }

    @Test
    void whatABackendHandsOverIsItsSuccessorsHoweverLongThatTakes() throws Exception {
        Guest g = bench.running("a", disk("raw:one"), disk("raw:two"));
        assertNull(provider.opened.getFirst().inherited, "the first of all has no predecessor");
        bench.host.unbindProvider(providerReference, provider);
        assertEquals("two", new String(device(g, 1).handedOver, StandardCharsets.US_ASCII));
        assertTrue(device(g, 1).handedOverFile.isOpen());
        Provider next = new Provider(DeviceType.BLOCK, "raw");
        bench.host.bindProvider(new Reference<>(0), next);
        assertEquals(List.of("one", "two"), next.opened.stream().map(p -> p.inherited).toList());
        assertEquals(provider.opened.stream().map(p -> p.left).toList(), next.opened.stream().map(p -> p.inheritedFile).toList());
        assertEquals(0, device(g, 1).handedOver.length, "taken once");
    }

    @Test
    void theConsoleOfADeadGuestCanBeReadWhoeverProvidesIt() throws Exception {
        Provider hub = new Provider(DeviceType.CONSOLE, "hub");
        Reference<BackendProvider> reference = new Reference<>(1);
        bench.host.bindProvider(reference, hub);
        Guest g = bench.running("a", disk("raw:one"));
        g.kill("enough");
        assertTrue(soon(() -> provider.opened.getFirst().closed));
        Provider next = new Provider(DeviceType.CONSOLE, "hub");
        bench.host.bindProvider(new Reference<>(2), next);
        assertSame(next.opened.getFirst(), bench.host.backend(g, device(g, 1)).orElseThrow());
        assertEquals(1, provider.opened.size(), "the disk stays closed");
        bench.host.forget(g);
        assertTrue(next.opened.getFirst().closed);
    }

    @Test
    void nobodyIsKeptByADeadGuest() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        g.kill("enough");
        g.vcpu().finished().get(120, TimeUnit.SECONDS);
        assertNull(g.vcpu().parts().cpu());
        assertEquals(java.util.Map.of(), g.vcpu().parts().families());
        assertTrue(soon(() -> bench.host.machine(g).stream().filter(s -> s.name().startsWith("block0")).allMatch(s -> s.taken().isEmpty())));
    }

    @Test
    void whatNobodyTakesOverIsClosedWithTheGuest() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        bench.host.unbindProvider(providerReference, provider);
        g.kill("enough");
        assertTrue(soon(() -> !provider.opened.getFirst().left.isOpen()));
    }

    @Test
    void aDeviceWithoutItsProviderStandsStillAndTheGuestLives() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        bench.host.unbindProvider(providerReference, provider);
        assertTrue(provider.opened.getFirst().closed);
        assertTrue(bench.host.backend(g, device(g, 0)).isEmpty());
        bench.host.kick(g, device(g, 0), 0);
        assertFalse(g.dead());
        assertTrue(bench.host.seats(g).stream().anyMatch(l -> l.startsWith("block0.backend") && l.contains("(closed)")));
    }

    @Test
    void aBackendThatCannotBeOpenedAgainIsTriedAtTheNextChange() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        Provider next = new Provider(DeviceType.BLOCK, "raw");
        next.broken = true;
        bench.host.bindProvider(new Reference<>(1), next);
        assertTrue(bench.host.backend(g, device(g, 0)).isEmpty());
        assertTrue(g.log().events().stream().anyMatch(e -> e.text().contains("is broken")));
        next.broken = false;
        bench.host.bindModel(new Reference<>(-1), new Model(DeviceType.BLOCK));
        assertTrue(bench.host.backend(g, device(g, 0)).isPresent());
    }

    @Test
    void whatWasOpenedIsClosedWhenAnotherBackendCannotBeOpened() throws Exception {
        Guest g = bench.guest("a", disk("raw:one"), disk("raw:broken"));
        assertEquals("the disk broken is broken", assertThrows(LaunchException.class, () -> bench.host.admit(g)).getMessage());
        assertTrue(provider.opened.getFirst().closed);
        assertEquals(List.of(), bench.host.guests());
        assertEquals(List.of("adopt a", "release a"), model.notes);
    }

    @Test
    void aModelThatThrowsKillsItsGuestAndItsBackendsAreClosed() throws Exception {
        bench.host.bindModel(new Reference<>(1), new Model(DeviceType.BLOCK) {
            @Override
            void work(Guest guest, DeviceState device, int queue, Backend backend) { throw new IllegalStateException("model trouble"); }
        });
        Guest g = bench.running("a", disk("raw:one"));
        bench.host.kick(g, device(g, 0), 1);
        assertTrue(g.ending().get(120, TimeUnit.SECONDS).reason().contains("model trouble"));
        bench.host.forget(g);
        assertTrue(provider.opened.getFirst().closed);
    }

    @Test
    void aQueueThatIsHeldBackIsLookedAtAgainWhenItMay() throws Exception {
        AtomicLong now = new AtomicLong();
        Model counting = new Model(DeviceType.BLOCK) {
            @Override
            void work(Guest guest, DeviceState device, int queue, Backend backend) {
                device.requests.increment();
                device.throttle.served(1);
            }
        };
        bench.host.bindModel(new Reference<>(1), counting);
        Guest g = bench.running("a", disk("raw:one"));
        device(g, 0).throttle = new Throttle(new Rate(1, 0), now::get);
        bench.host.kick(g, device(g, 0), 0);
        assertTrue(soon(() -> counting.services.get() >= 1));
        assertTrue(soon(() -> device(g, 0).throttle.delay() > 0));
        int before = counting.services.get();
        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertTrue(soon(() -> counting.services.get() > before), "nobody kicked it");
    }

    @Test
    void whatAGuestWritesLastIsNotHeldBack() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        g.limit(Limits.NONE.device(0, new Rate(1, 1)));
        bench.host.kick(g, device(g, 0), 0);
        device(g, 0).throttle.served(1_000_000);
        int before = model.services.get();
        bench.host.settle(g);
        assertTrue(model.services.get() >= before + 2);
        assertNull(device(g, 0).throttle);
    }

    @Test
    void devicesAreHeldBackAsTheSpecSays() throws Exception {
        Rate slow = new Rate(1000, 0);
        Guest g = new Guest(new GuestSpec("a", 1, null, null, "", List.of(disk("raw:one"), disk("raw:two")), null, Limits.NONE.device(1, slow)),
            GuestMemory.create(1 << 20));
        bench.host.admit(g);
        assertNull(device(g, 0).throttle);
        assertTrue(device(g, 1).throttle.delay() == 0);
        g.kill("end of test");
    }

    @Test
    void settleServesWhatIsInTheRingsBeforeItReturns() throws Exception {
        Guest g = bench.running("a", disk("raw:one"));
        bench.host.kick(g, device(g, 0), 0);
        int before = model.services.get();
        bench.host.settle(g);
        assertTrue(model.services.get() >= before + 2, "one service for each queue");
    }

    @Test
    void textOfTheEarlyConsoleIsWrittenToTheConsole() throws Exception {
        Guest g = bench.running("a");
        bench.host.earlyConsole(g, "hello\n");
        assertEquals("hello\n", ((Plain) bench.host.backend(g, device(g, 0)).orElseThrow()).written.toString());
    }
}
