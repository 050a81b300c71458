package org.lguest.host;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The part of this JVM's heap in which objects grow old; a heap that is not divided is one such part. */
final class OldGeneration implements Relief.Heap {
    private static final double TIGHT = 0.7;

    private final Optional<MemoryPoolMXBean> pool = ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(p -> p.getType() == MemoryType.HEAP && p.getCollectionUsage() != null && p.getUsage().getMax() > 0)
        .max(Comparator.comparingLong(p -> p.getUsage().getMax()));
    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans().stream()
        .filter(c -> pool.isPresent() && List.of(c.getMemoryPoolNames()).contains(pool.get().getName())).toList();

    @Override
    public boolean tight() { return pool.isPresent() && pool.get().getCollectionUsage().getUsed() > TIGHT * pool.get().getUsage().getMax(); }

    @Override
    public long collections() { return collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionCount).sum(); }
}
