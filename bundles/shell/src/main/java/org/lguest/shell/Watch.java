package org.lguest.shell;

import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.lguest.api.Guest;
import org.lguest.api.Trace;

/** Makes a line of each step of a guest: milliseconds since the watch began, instructions since the guest was started, what happened. */
final class Watch implements Trace {
    private final Set<Category> wanted;
    private final Consumer<String> to;
    private final LongSupplier clock;
    private final long begin;

    /** A watch whose lines go somewhere, one at a time, on the guest's threads. */
    Watch(Set<Category> wanted, Consumer<String> to) { this(wanted, to, System::nanoTime); }

    /** By another clock, in nanoseconds. */
    Watch(Set<Category> wanted, Consumer<String> to, LongSupplier clock) {
        this.wanted = wanted;
        this.to = to;
        this.clock = clock;
        begin = clock.getAsLong();
    }

    @Override
    public boolean wants(Category category) { return wanted.contains(category); }

    @Override
    public synchronized void step(Guest guest, Category category, String what) {
        long micros = (clock.getAsLong() - begin) / 1000;
        to.accept(String.format(Locale.ROOT, "%7d.%03d %12d  %-12s %s", micros / 1000, micros % 1000, guest.cpu().retired, label(category), what));
    }

    /** {@code hypercall}, {@code trap}, ... */
    private static String label(Category c) {
        String name = name(c);
        return name.substring(0, name.length() - 1);
    }

    /** As it is typed: {@code hypercalls}. */
    static String name(Category c) { return c.name().toLowerCase(Locale.ROOT); }
}
