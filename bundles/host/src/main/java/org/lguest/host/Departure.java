package org.lguest.host;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.Life;
import org.lguest.api.part.ConsoleHub;

/** A guest is asked to end itself, at its console, and given time. */
final class Departure {
    /** How often somebody who can type for us is looked for, while the console has nobody behind it. */
    private static final long LOOK_NANOS = 20_000_000;

    private final Resident resident;
    private final Guest guest;
    private final byte[] keys;

    private Departure(Resident resident, String words) {
        this.resident = resident;
        guest = resident.guest();
        keys = (words.replace('\n', '\r') + "\r").getBytes(StandardCharsets.UTF_8);
    }

    /** Returns when the guest is dead, or its time is over, or it makes no sense to ask. */
    static void of(Resident resident, Farewell farewell) throws InterruptedException {
        Guest guest = resident.guest();
        if (!farewell.asks() || guest.life() != Life.RUNNING || !listens(resident)) return;
        guest.log().add("asked to end itself, it has " + farewell.seconds() + " s for it: " + visible(farewell.words()));
        Departure d = new Departure(resident, farewell.words());
        Thread typist = Thread.ofVirtual().name("farewell to " + guest).start(d::type);
        try {
            guest.ending().get(farewell.seconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            guest.log().add("did not end itself");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // an ending never fails
        } finally {
            typist.interrupt();
        }
    }

    /** Whether one can type at its console, or could if its seat were taken. */
    private static boolean listens(Resident resident) {
        return resident.slots().stream().anyMatch(s -> s.isConsole() && (s.backend() == null || s.backend() instanceof ConsoleHub));
    }

    /** All at once, each as it wants to be asked, and for so many seconds at most. They are not started anew. */
    static void ofAll(List<Resident> residents, int seconds) {
        List<Thread> all = residents.stream().map(r -> Thread.ofVirtual().name("end of " + r.guest()).start(() -> asItWants(r, seconds))).toList();
        try {
            for (Thread t : all) t.join();
        } catch (InterruptedException e) { // there is no time for it
            Thread.currentThread().interrupt();
        }
    }

    private static void asItWants(Resident r, int seconds) {
        r.guest().dismiss();
        Farewell f = r.guest().spec().farewell();
        try {
            of(r, f.within(Math.min(f.seconds(), seconds)));
        } catch (InterruptedException e) { // nobody does that
            Thread.currentThread().interrupt();
        }
    }

    /** With control characters as one types them: {@code ^Cpoweroff}. */
    private static String visible(String words) {
        StringBuilder s = new StringBuilder();
        for (char c : words.toCharArray())
            if (c < ' ') s.append('^').append((char) (c + '@'));
            else s.append(c);
        return s.toString();
    }

    /** Whoever is behind the console may be replaced while we type. */
    private void type() {
        try {
            for (int at = 0; at < keys.length && !guest.dead();) {
                ConsoleHub hub = hub();
                if (hub != null) at += hub.feed(keys, at, keys.length - at);
                if (at < keys.length) LockSupport.parkNanos(this, LOOK_NANOS);
                if (Thread.interrupted()) return;
            }
        } catch (InterruptedException e) { // the guest's time is over, or its life
            Thread.currentThread().interrupt();
        }
    }

    /** Behind the last console that one can type at; null when there is none now. */
    private ConsoleHub hub() {
        List<ConsoleHub> hubs = resident.slots().stream().map(DeviceSlot::backend).filter(ConsoleHub.class::isInstance).map(ConsoleHub.class::cast).toList();
        return hubs.isEmpty() ? null : hubs.getLast();
    }
}
