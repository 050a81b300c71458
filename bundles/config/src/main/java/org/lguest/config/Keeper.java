package org.lguest.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.Origin;
import org.lguest.api.part.GuestKeeper.Kept;
import org.lguest.api.part.Host;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * H:070 One configured guest: started when its configuration appears, changed as far as that goes while it runs, started anew as the policy
 * says, stopped when the configuration goes.
 *
 * <p>The guest does not belong to us. When this bundle is replaced, guests go on, and our successor finds each by its origin. All methods
 * run on the agenda's thread, but {@link #kept}.
 */
final class Keeper {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    private final Host host;
    private final Agenda agenda;
    private final Stopped stopped; // by the user
    private final String origin;
    private Plan plan;
    private boolean first = true; // no plan came yet; one may be there by somebody who sat here before us
    private String complaint; // about the configuration of now; null when it makes sense
    private GuestSpec started; // what it was started with, as the configuration said then
    private Guest guest;
    private int lives, failures;
    private long since;
    private Runnable cancel = () -> { };
    private boolean leaving;
    private volatile Kept kept;

    Keeper(Host host, Agenda agenda, Stopped stopped, String origin) {
        this.host = host;
        this.agenda = agenda;
        this.stopped = stopped;
        this.origin = origin;
        state(true, "is being read");
    }

    /** How it is at the moment. Any thread. */
    Kept kept() { return kept; }

    private void state(boolean well, String sentence) {
        kept = new Kept(origin, name(), well, sentence);
    }

    private String name() {
        if (guest != null) return guest.name();
        return plan == null || plan.spec().name() == null ? "" : plan.spec().name();
    }

    // --- what the configuration says --------------------------------------------------------------------------------

    /** The configuration is new, or was edited. Being edited is a reason to start. */
    void plan(Plan next) {
        Plan before = plan;
        boolean known = first && (before == null || before.means(next));
        plan = next;
        complaint = null;
        first = false;
        if (before == null && guest != null) started = next.spec(); // as far as one can know
        if (alive()) {
            List<String> left = before == null ? List.of() : amend(before);
            state(true, left.isEmpty() ? "runs" : "runs, and needs a restart: " + String.join(", ", left));
        } else if (known && stopped.contains(origin)) {
            stopped();
        } else if (known && guest != null) {
            ended(guest);
        } else {
            failures = 0;
            if (plan.autostart()) start();
            else idle();
        }
    }

    private void idle() {
        halt();
        state(true, "is started by lguest:restart");
    }

    private void stopped() {
        stopped.set(origin, true);
        state(true, "was stopped by the user; lguest:restart or an edit starts it again");
    }

    /** The configuration makes no sense: a guest that runs goes on as it was, and nothing is started. */
    void refuse(String sentence) {
        LOG.warn("{}", sentence);
        complaint = sentence;
        halt();
        if (alive()) guest.log().add("its configuration was edited, and makes no sense: " + sentence);
        state(false, alive() ? "runs as before an edit that makes no sense: " + sentence : sentence);
    }

    /** Understands the words of a configuration as they were; null when nobody wants to know. */
    interface Reading {
        Plan plan(Map<String, List<String>> said) throws RefusedException;
    }

    /** Takes over the guest of somebody who sat here before us, with what its configuration said then. */
    void find(Reading reading) {
        Optional<Guest> mine = host.guests().stream().filter(g -> g.spec().origin().by().equals(origin)).reduce((a, b) -> b);
        if (mine.isEmpty()) return;
        guest = mine.get();
        lives = guest.spec().origin().restarts() + 1;
        since = agenda.nanos();
        try {
            plan = reading.plan(guest.spec().origin().said());
            if (plan != null) started = begun(plan.spec(), guest.spec());
        } catch (RefusedException e) { // we speak another language: what it says now is not compared with anything
            LOG.warn("{}: what was said of {} before is not understood any more: {}", origin, guest, e.getMessage());
        }
    }

    /** What a guest was started with in that which cannot change before its next start; devices that were plugged since are no part of it. */
    private static GuestSpec begun(GuestSpec plan, GuestSpec is) {
        List<GuestSpec.Device> all = is.devices();
        int own = plan.devices().size();
        boolean more = all.size() >= own && all.subList(0, own).equals(plan.devices()) && all.stream().skip(own).allMatch(GuestSpec.Device::awaited);
        return new GuestSpec(plan.name() == null ? null : is.name(), is.memoryMiB(), is.kernel(), is.initrd(), is.commandLine(),
            more ? plan.devices() : all, is.pae(), plan.limits(), plan.seats(), plan.origin(), plan.farewell());
    }

    /** Returns what does not count before the next start. */
    private List<String> amend(Plan before) {
        Edit edit = Edit.of(before, plan, started);
        edit.apply(host, guest);
        String done = edit.done().isEmpty() ? "" : "changed: " + String.join(", ", edit.done());
        String left = edit.left().isEmpty() ? "" : "needs a restart: " + String.join(", ", edit.left()) + " (lguest:restart " + guest + ")";
        String what = done + (done.isEmpty() || left.isEmpty() ? "" : "; ") + left;
        if (!what.isEmpty()) guest.log().add("its configuration was edited; " + what);
        if (!left.isEmpty()) LOG.warn("{}: {}", origin, what);
        else if (!done.isEmpty()) LOG.info("{}: {}", origin, what);
        return edit.left();
    }

    // --- its life ---------------------------------------------------------------------------------------------------

    private boolean alive() { return guest != null && !guest.dead(); }

    private void halt() {
        cancel.run();
        cancel = () -> { };
    }

    private void start() {
        halt();
        if (plan == null || complaint != null || leaving || alive()) return;
        stopped.set(origin, false);
        GuestSpec spec = guest != null && plan.spec().equals(started) ? guest.again() : plan.spec();
        try {
            if (guest != null) host.forget(guest);
            guest = host.launch(spec.from(new Origin(origin, lives, plan.said())));
            lives++;
            started = plan.spec();
            since = agenda.nanos();
            state(true, "runs");
            host.start(guest);
        } catch (LaunchException e) {
            if (failures > 0) again("it could not be started: " + e.getMessage());
            else {
                LOG.warn("{}: {} was not started: {}", origin, name(), e.getMessage());
                state(false, "was not started: " + e.getMessage());
            }
        }
    }

    /** The host says that a guest of this origin is dead. */
    void ended(Guest who) {
        if (guest != who || leaving) return;
        Ending ending = who.endingNow();
        if (who.dismissed()) stopped();
        else if (complaint != null) state(false, "has ended, " + ending + "; and " + complaint);
        else if (ending.kind() == Ending.Kind.RESTART) start();
        else if (!plan.policy().applies(ending.kind())) state(ending.clean(), "has ended: " + ending);
        else {
            if (agenda.nanos() - since >= plan.policy().reset().toNanos()) failures = 0;
            again(ending.toString());
        }
    }

    private void again(String why) {
        Duration delay = plan.policy().delay(failures++);
        String what = "starts again in " + delay.toMillis() / 1000.0 + " s, restart " + lives + ": " + why;
        if (guest != null) guest.log().add(what);
        LOG.warn("{}: {} {}", origin, name(), what);
        state(false, what);
        cancel = agenda.after(delay, () -> {
            if (guest != null && guest.dismissed()) stopped(); // as it lay there
            else start();
        });
    }

    /** The user wants it to end, and to start as it is described now. */
    void restart() {
        failures = 0;
        halt();
        stop(this::start);
    }

    /** The configuration is gone: ends the guest, and then does something else. */
    void leave(Runnable then) {
        leaving = true;
        halt();
        stopped.set(origin, false);
        stop(then);
    }

    private void stop(Runnable then) {
        if (guest == null) {
            then.run();
            return;
        }
        Guest g = guest;
        state(true, "is being stopped");
        agenda.aside(() -> {
            try {
                host.stop(g, g.spec().farewell());
            } catch (InterruptedException e) { // nobody does that
                Thread.currentThread().interrupt();
            }
            agenda.soon(then);
        });
    }

    /** Whether a guest of this name is on its way out here. */
    boolean occupies(String name) { return leaving && guest != null && guest.name().equals(name); }
}
