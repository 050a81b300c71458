package org.lguest.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.part.Host;

/**
 * The difference between two versions of a configuration.
 *
 * @param before what counted so far
 * @param after  what counts now
 * @param done   what changes while the guest runs, in words
 * @param left   in what the running guest differs from its configuration until it is restarted, in words
 */
record Edit(Plan before, Plan after, List<String> done, List<String> left) {
    /** Compares; {@code started} is what the guest was started with. */
    static Edit of(Plan before, Plan after, GuestSpec started) {
        GuestSpec was = before.spec(), is = after.spec();
        List<String> left = new ArrayList<>();
        note(left, "name", started.name(), is.name());
        note(left, "memory", started.memoryMiB(), is.memoryMiB());
        note(left, "kernel", started.kernel(), is.kernel());
        note(left, "initrd", started.initrd(), is.initrd());
        note(left, "command-line", started.commandLine(), is.commandLine());
        note(left, "devices", started.devices(), is.devices());
        note(left, "pae", started.pae(), is.pae());
        List<String> done = new ArrayList<>();
        if (started.devices().equals(is.devices())) note(done, "limits", was.limits(), is.limits());
        note(done, "prefer", was.seats(), is.seats());
        note(done, "shutdown", was.farewell(), is.farewell());
        note(done, "restart", before.policy(), after.policy());
        note(done, "autostart", before.autostart(), after.autostart());
        return new Edit(before, after, List.copyOf(done), List.copyOf(left));
    }

    private static void note(List<String> to, String what, Object a, Object b) {
        if (!Objects.equals(a, b)) to.add(what);
    }

    /** Makes it count for the guest. */
    void apply(Host host, Guest guest) {
        GuestSpec was = before.spec(), is = after.spec();
        if (done.contains("limits")) guest.limit(is.limits());
        guest.amend(s -> s.leaving(is.farewell()).from(s.origin().saying(after.said())));
        TreeSet<String> seats = new TreeSet<>(was.seats().keySet());
        seats.addAll(is.seats().keySet());
        for (String seat : seats) if (!was.wish(seat).equals(is.wish(seat))) prefer(host, guest, seat, is.wish(seat));
    }

    /** Who is not there now is awaited, as at the start. */
    private static void prefer(Host host, Guest guest, String seat, String provider) {
        try {
            host.prefer(guest, seat, provider);
        } catch (IllegalArgumentException e) {
            guest.amend(s -> s.prefer(seat, provider));
            guest.log().add("prefer." + seat + " = " + provider + ": " + e.getMessage());
        }
    }
}
