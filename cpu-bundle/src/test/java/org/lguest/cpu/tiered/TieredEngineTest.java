package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class TieredEngineTest {
    @Test
    void whoStopsItWaitsForWhatIsBeingGenerated() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1), never = new CountDownLatch(1);
        try (ExecutorService generator = Executors.newSingleThreadExecutor()) {
            generator.submit(() -> {
                begun.countDown();
                never.await();
                return null;
            });
            begun.await();
            new TieredEngine(Tuning.usual(), generator).stop();
            assertTrue(generator.isTerminated(), "somebody generates in a bundle that is gone");
        }
    }
}
