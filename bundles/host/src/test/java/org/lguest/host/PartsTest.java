package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.host.Bench.soon;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.Life;
import org.lguest.api.part.CpuEngine;
import org.lguest.host.Bench.Engine;
import org.lguest.host.Bench.Reference;

/** Who sits in the vCPU's seats, and how they leave. */
@Timeout(300)
class PartsTest {
    @Test
    void theHighestRankingSitsAndAmongEqualsTheFirst() throws Exception {
        try (Bench b = Bench.withoutCpu()) {
            Engine first = new Engine();
            Engine second = new Engine();
            Engine high = new Engine();
            Reference<CpuEngine> highReference = new Reference<>(5);
            b.host.bindCpu(new Reference<>(0), first);
            b.host.bindCpu(new Reference<>(0), second);
            Guest g = b.running("a");
            assertSame(first, g.vcpu().parts().cpu());
            b.host.bindCpu(highReference, high);
            assertSame(high, g.vcpu().parts().cpu());
            assertEquals(List.of("adopt a", "release a"), first.notes);
            b.host.unbindCpu(highReference);
            assertSame(first, g.vcpu().parts().cpu());
            assertEquals(List.of("adopt a", "release a"), high.notes);
            assertEquals(List.of(), second.notes);
        }
    }

    @Test
    void anEmptySeatParksTheGuestUntilSomebodySitsDown() throws Exception {
        try (Bench b = Bench.withoutCpu()) {
            Guest g = b.running("a");
            assertEquals(Life.PARKED, g.life());
            assertEquals("cpu", g.vcpu().parts().missing());
            Engine e = new Engine();
            b.host.bindCpu(new Reference<>(0), e);
            assertTrue(soon(() -> e.runs.get() > 0));
            assertEquals(Life.RUNNING, g.life());
        }
    }

    @Test
    void unbindReturnsOnlyWhenTheVcpuHasLeft() throws Exception {
        try (Bench b = Bench.withoutCpu()) {
            CountDownLatch entered = new CountDownLatch(1);
            CountDownLatch leave = new CountDownLatch(1);
            Engine slow = new Engine() {
                @Override
                void work(Guest guest) {
                    entered.countDown();
                    await(leave);
                }
            };
            Reference<CpuEngine> reference = new Reference<>(0);
            b.host.bindCpu(reference, slow);
            b.running("a");
            await(entered);
            CompletableFuture<List<String>> unbound = CompletableFuture.supplyAsync(() -> {
                b.host.unbindCpu(reference);
                assertEquals(0, slow.inside.get());
                return List.copyOf(slow.notes);
            });
            assertTrue(soon(() -> b.host.seats(b.host.guests().getFirst()).contains("cpu: empty")), "the seat is given up already");
            assertEquals(1, slow.inside.get());
            leave.countDown();
            assertEquals(List.of("adopt a", "release a"), unbound.get(120, TimeUnit.SECONDS));
        }
    }

    @Test
    void guestsOfAPartThatCannotTakeItsSeatDieAndOthersGoOn() throws Exception {
        try (Bench b = Bench.withoutCpu()) {
            Engine usual = new Engine();
            b.host.bindCpu(new Reference<>(0), usual);
            Guest unlucky = b.running("a");
            Guest lucky = b.running("b");
            Engine picky = new Engine() {
                @Override
                public void adopt(Guest guest) {
                    if (guest == unlucky) throw new IllegalStateException("not this one");
                    super.adopt(guest);
                }
            };
            b.host.bindCpu(new Reference<>(1), picky);
            assertTrue(unlucky.endingNow().reason().contains("not this one"), unlucky.endingNow()::reason);
            assertSame(picky, lucky.vcpu().parts().cpu());
            assertEquals(Life.RUNNING, lucky.life());
        }
    }

    @Test
    void anEngineThatThrowsKillsItsGuestAndLeavesTheHostInOrder() throws Exception {
        try (Bench b = Bench.withoutCpu()) {
            Reference<CpuEngine> reference = new Reference<>(0);
            b.host.bindCpu(reference, (guest, parts, budget) -> { throw new ArithmeticException("engine trouble"); });
            Guest g = b.running("a");
            Ending e = g.ending().get(120, TimeUnit.SECONDS);
            assertEquals(Ending.Kind.KILLED, e.kind());
            assertTrue(e.reason().contains("engine trouble"), e::reason);
            b.host.unbindCpu(reference);
            b.host.forget(g);
            assertEquals(List.of(), b.host.guests());
        }
    }

    @Test
    void changesAreToldInTheGuestsLog() throws Exception {
        try (Bench b = Bench.withoutCpu()) {
            Reference<CpuEngine> reference = new Reference<>(0);
            b.host.bindCpu(reference, new Engine());
            Guest g = b.running("a");
            b.host.unbindCpu(reference);
            assertEquals("cpu: the seat is empty, the guest waits", g.log().events().getLast().text());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(120, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
