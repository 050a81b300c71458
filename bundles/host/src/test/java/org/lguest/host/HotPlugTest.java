package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.host.Bench.soon;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.host.Bench.Engine;
import org.lguest.host.Bench.Model;
import org.lguest.host.Bench.Provider;
import org.lguest.host.Bench.Reference;

/** Devices of a kind that nobody knew when the platform was built, and devices that come while the guest runs. */
@Timeout(300)
class HotPlugTest {
    private static final DeviceType LAMP = new DeviceType(200, "lamp");
    private final Bench bench = Bench.withoutCpu();
    private final Model lamp = new Model(LAMP);
    private final Reference<DeviceModel> reference = new Reference<>(0);

    @BeforeEach
    void plug() { bench.host.bindCpu(new Reference<>(0), new Engine()); }

    @AfterEach
    void unplug() { bench.close(); }

    private static GuestSpec.Device device(String text) { return GuestSpec.Device.parse(text, false); }

    private static List<String> bus(Guest g) { return g.devicePage().devices().stream().map(DeviceState::toString).toList(); }

    /** What the guest reads where the description of this device begins. */
    private static int visibleType(Guest g, DeviceState d) { return g.memory().load8(d.descriptor); }

    @Test
    void aDeviceOfAKindThatNobodyKnewNeedsNoBackend() throws Exception {
        bench.host.bindModel(reference, lamp);
        Guest g = bench.running("a", device("lamp"));
        DeviceState d = g.devicePage().devices().getFirst();
        assertEquals(200, visibleType(g, d));
        assertSame(Backend.NONE, bench.host.backend(g, d).orElseThrow());
        bench.host.kick(g, d, 0);
        assertTrue(soon(() -> lamp.services.get() >= 2), "both queues are looked at");
    }

    @Test
    void aLabelThatNobodyHasIsRefusedWithTheLabelsThatThereAre() throws Exception {
        bench.host.bindModel(reference, lamp);
        Guest g = bench.running("a");
        String m = assertThrows(LaunchException.class, () -> bench.host.plug(g, device("lmap"))).getMessage();
        assertEquals("no lmap device is installed; there are: console, lamp", m);
        m = assertThrows(LaunchException.class, () -> bench.host.plug(g, device("lamp:oil"))).getMessage();
        assertEquals("no backend 'oil' for lamp devices is installed; there is none", m);
        assertEquals(List.of("console 0"), bus(g));
        assertEquals(List.of(), lamp.notes);
    }

    @Test
    void aDeviceThatIsPluggedIntoARunningGuestIsServedBeforeTheGuestCanSeeIt() throws Exception {
        boolean[] visible = new boolean[1];
        Guest g = bench.running("a");
        long behindTheLast = g.devicePage().devices().getLast().descriptor + 5 + 2 * 8 + 2 + 4;
        bench.host.bindModel(reference, new Model(LAMP) {
            @Override
            public void adopt(Guest guest) { visible[0] |= guest.memory().load8(behindTheLast) != 0; }
        });
        DeviceState d = bench.host.plug(g, device("lamp"));
        assertEquals(behindTheLast, d.descriptor);
        assertFalse(visible[0], "adopted first");
        assertEquals(200, visibleType(g, d));
        assertEquals(List.of("console 0", "lamp 1"), bus(g));
        assertEquals(3, d.queues.getFirst().irq, "the lines behind those of the console");
    }

    @Test
    void theModelOfAPluggedDeviceChangesAsAnyOther() throws Exception {
        bench.host.bindModel(reference, lamp);
        Guest g = bench.running("a");
        DeviceState d = bench.host.plug(g, device("lamp"));
        bench.host.plug(g, device("lamp"));
        bench.host.kick(g, d, 1);
        assertTrue(soon(() -> lamp.services.get() >= 2), "its queues have threads");
        bench.host.unbindModel(reference, lamp);
        assertEquals(List.of("adopt a", "release a"), lamp.notes, "once for both");
        Model better = new Model(new DeviceType(200, "lamp"));
        bench.host.bindModel(new Reference<>(0), better);
        assertTrue(soon(() -> better.services.get() >= 2), "the same kind, whoever made it");
    }

    @Test
    void anotherLifeHasWhatWasPluggedAndCanDoWithoutIt() throws Exception {
        bench.host.bindModel(reference, lamp);
        Guest g = bench.running("a");
        bench.host.plug(g, device("lamp"));
        assertEquals(List.of(new GuestSpec.Device(DeviceType.CONSOLE, "hub:"), new GuestSpec.Device("lamp", "", true)), g.spec().devices());
    }

    @Test
    void anAwaitedDeviceIsPluggedWhenItsModelComesAndNotTwice() throws Exception {
        Guest g = bench.running("a", GuestSpec.Device.parse("lamp", true));
        assertEquals(List.of("console 0"), bus(g));
        assertTrue(bench.host.seats(g).contains("lamp: awaited, the guest gets it when somebody brings it"));
        bench.host.bindModel(reference, lamp);
        assertEquals(List.of("console 0", "lamp 1"), bus(g));
        assertEquals(List.of("adopt a"), lamp.notes);
        bench.host.unbindModel(reference, lamp);
        bench.host.bindModel(reference, lamp);
        assertEquals(List.of("console 0", "lamp 1"), bus(g));
        Guest later = bench.running("b", GuestSpec.Device.parse("lamp", true));
        assertEquals(List.of("lamp 0", "console 1"), bus(later), "nothing to wait for");
    }

    @Test
    void anAwaitedDeviceWaitsForItsBackendToo() throws Exception {
        bench.host.bindModel(reference, lamp);
        Guest g = bench.running("a", GuestSpec.Device.parse("lamp:oil", true), GuestSpec.Device.parse("lamp:oil:broken", true));
        assertEquals(List.of("console 0"), bus(g));
        bench.host.bindProvider(new Reference<>(0), new Provider(LAMP, "oil"));
        assertEquals(List.of("console 0", "lamp 1"), bus(g));
        assertTrue(g.log().events().getLast().text().contains("the disk broken is broken"), "the other could not be opened, and the guest lives");
        assertFalse(g.dead());
    }

    @Test
    void aFullBusRefusesAndEverythingIsAsBefore() throws Exception {
        bench.host.bindModel(reference, lamp);
        Provider oil = new Provider(LAMP, "oil");
        bench.host.bindProvider(new Reference<>(0), oil);
        Guest g = bench.running("a");
        for (int i = 0; i < 14; i++) bench.host.plug(g, device("lamp:oil:" + i));
        String m = assertThrows(LaunchException.class, () -> bench.host.plug(g, device("lamp:oil:x"))).getMessage();
        assertEquals("too many devices: no interrupt line is left", m);
        assertTrue(oil.opened.getLast().closed);
        assertEquals(15, g.devicePage().devices().size());
        assertEquals(List.of("adopt a"), lamp.notes);
        assertFalse(g.dead());
    }

    @Test
    void aDeadGuestGetsNothing() throws Exception {
        bench.host.bindModel(reference, lamp);
        Guest g = bench.running("a");
        g.kill("enough");
        assertEquals("a has ended: enough", assertThrows(LaunchException.class, () -> bench.host.plug(g, device("lamp"))).getMessage());
    }
}
