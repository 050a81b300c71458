package org.lguest.api.part;

import java.util.List;
import java.util.Optional;
import org.lguest.api.Ending;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.state.DeviceState;

/**
 * The registry of guests and the keeper of their seats. The only service, with the API itself, that cannot be replaced
 * under running guests. Any thread.
 */
public interface Host {
    /** All guests, dead ones too until they are {@link #forget forgotten}, in the order of their ids. */
    List<Guest> guests();

    /** By name, or by id in decimal. */
    Optional<Guest> find(String nameOrId);

    /**
     * Gives the guest its id and its seats, opens the backends that the spec's devices name, adds the devices to the bus by the shapes of their models.
     * Called by the launcher, last of all, with a guest that is loaded and could start.
     *
     * @throws LaunchException when a model or a backend is not there, or a backend cannot be opened; nothing stays open
     */
    void admit(Guest guest) throws LaunchException;

    /**
     * Puts one more device on the bus of an admitted guest, behind all others, served from the start; the guest finds it when it looks
     * (which Linux does only as it boots), and has it again after a restart.
     *
     * @return the device
     * @throws LaunchException when the guest is dead, the bus is full, a model or a backend is not there, or a backend cannot be opened
     */
    DeviceState plug(Guest guest, GuestSpec.Device device) throws LaunchException;

    /** Starts the vCPU and queue threads of an admitted guest; does nothing when it is dead, or was started before. */
    void start(Guest guest);

    /**
     * Drops a dead guest: returns when its threads have ended, all that it wrote has been handed on, and backends and memory
     * are closed; after ten seconds at the latest.
     *
     * @throws IllegalStateException when it is alive
     */
    void forget(Guest guest);

    /**
     * Ends a guest in good order, and forgets it. It is asked as {@code farewell} says, and has so long to end itself; one that cannot be
     * asked, because its processor stands still, or that does not listen, is stopped between two turns: requests under way are finished, and
     * disks are closed. Nobody starts it anew. A dead guest is only forgotten.
     *
     * @return how it ended
     * @throws InterruptedException while the guest had time; it lives then, unless it has listened
     */
    Ending stop(Guest guest, Farewell farewell) throws InterruptedException;

    /**
     * Launches a guest by the launcher that it wants, or the best; it does not run yet.
     *
     * @throws LaunchException with a sentence for the user
     */
    Guest launch(GuestSpec spec) throws LaunchException;

    /** {@linkplain #launch Launches} a guest, and starts it. */
    default Guest start(GuestSpec spec) throws LaunchException {
        Guest guest = launch(spec);
        start(guest);
        return guest;
    }

    /** The backend that a device has now; empty while the seat is. */
    Optional<Backend> backend(Guest guest, DeviceState device);

    /** Wakes a queue's thread: the guest kicked it. */
    void kick(Guest guest, DeviceState device, int queue);

    /** The guest wrote a device's status and told so by NOTIFY (ABI section 11.6). */
    void statusChanged(Guest guest, DeviceState device);

    /**
     * The guest is about to end itself: returns when its devices have served what is in their rings, so that neither its last
     * words nor its last writes are lost. vCPU thread.
     */
    default void settle(Guest guest) { }

    /** Text of the early console, before the virtio console lives. */
    void earlyConsole(Guest guest, String text);

    /** Seats in the guest's machine and who sits there, one line each: {@code cpu: org.lguest.cpu 0.1.0 (interpreter)}. */
    List<String> seats(Guest guest);

    /** The seats in the guest's machine: those of its processor, then those of its devices. */
    List<Seat> machine(Guest guest);

    /** The seats in its machine for which a guest waits: the guest itself, or a device of it, stands still meanwhile. */
    default List<String> missing(Guest guest) { return machine(guest).stream().filter(s -> s.taken().isEmpty()).map(Seat::name).toList(); }

    /** The seat {@code launcher}: it is no part of the machine, and who sits there is who would launch the guest again. */
    default Seat launcher(Guest guest) { return new Seat("launcher", "", List.of()); }

    /**
     * Has a guest use a provider of its choice from now on, whatever the rankings say, through its restarts too; returns when nobody is
     * inside the one before. A launcher is used from the guest's next start on. When that provider goes, the best of the others takes the seat,
     * and gives it back when it returns.
     *
     * @param provider what it {@linkplain Seat goes by}; empty for whoever is best
     * @throws IllegalArgumentException with a sentence for the user, when the machine has no such seat or nobody goes by this word
     */
    void prefer(Guest guest, String seat, String provider);
}
