package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.GuestListener;
import org.lguest.host.Bench.Engine;
import org.lguest.host.Bench.Model;
import org.lguest.host.Bench.Provider;
import org.lguest.host.Bench.Reference;

/** Whoever listens hears of everything in a guest's life, in order. */
@Timeout(300)
class ListenersTest {
    private final Bench bench = Bench.withoutCpu();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void unplug() { bench.close(); }

    @Test
    void aLifeIsToldFromItsBeginningToItsEnd() throws Exception {
        bench.host.bindListener((g, event, detail) -> heard.add(event + " " + detail));
        Reference<CpuEngine> cpu = new Reference<>(0);
        bench.host.bindCpu(cpu, new Engine());
        bench.host.bindModel(new Reference<>(0), new Model(DeviceType.BLOCK));
        bench.host.bindProvider(new Reference<>(0), new Provider(DeviceType.BLOCK, "raw"));
        Guest g = bench.running("rex");
        g.vcpu().pause(true);
        hears("PAUSED ");
        g.vcpu().pause(false);
        hears("RESUMED ");
        bench.host.unbindCpu(cpu);
        hears("PARKED cpu");
        bench.host.bindCpu(cpu, new Engine());
        hears("SEAT cpu: " + Engine.class.getName() + " has taken the seat");
        assertTrue(Bench.soon(() -> Collections.frequency(heard, "RESUMED ") == 2), heard::toString); // the vCPU tells it; who plugs tells of that
        bench.host.plug(g, Bench.disk("raw:one"));
        g.kill("enough");
        bench.host.forget(g);
        assertEquals(List.of("ADMITTED", "STARTED", "PAUSED", "RESUMED", "SEAT", "PARKED", "SEAT", "RESUMED", "PLUGGED", "ENDED", "FORGOTTEN"),
            heard.stream().map(l -> l.split(" ")[0]).toList());
        assertTrue(heard.contains("ENDED enough"));
    }

    @Test
    void whoIsKilledAsItStartsIsToldAsStartedFirst() throws Exception {
        bench.host.bindCpu(new Reference<>(0), new Engine());
        bench.host.bindListener((g, event, detail) -> {
            if (event == GuestListener.Event.STARTED) {
                g.kill("at once");
                assertTrue(Bench.soon(() -> waits("end of rex")));
            }
            heard.add(event + " " + detail);
        });
        bench.running("rex");
        hears("ENDED at once");
        assertEquals(List.of("ADMITTED ", "STARTED ", "ENDED at once"), heard);
    }

    private static boolean waits(String thread) {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals(thread) && t.getState() == Thread.State.WAITING);
    }

    @Test
    void whatTheVcpuFindsIsToldAfterItsStart() throws Exception {
        bench.host.bindListener((g, event, detail) -> heard.add(event + " " + detail));
        bench.running("rex");
        hears("PARKED cpu");
        assertEquals(List.of("ADMITTED ", "STARTED ", "PARKED cpu"), heard);
    }

    private void hears(String line) { assertTrue(Bench.soon(() -> heard.contains(line)), () -> line + " in " + heard); }

    @Test
    void aListenerThatFailsDisturbsNobody() throws Exception {
        bench.host.bindListener((g, event, detail) -> { throw new IllegalStateException("deaf"); });
        bench.host.bindListener((g, event, detail) -> heard.add(event + " " + g));
        bench.admitted("rex");
        assertEquals(List.of("ADMITTED rex"), heard);
    }
}
