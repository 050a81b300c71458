package org.lguest.api.part;

import java.util.List;
import java.util.Optional;

/**
 * A seat of one guest's machine, as it is at this moment: who could sit in it, who does, and whom the guest would rather have.
 *
 * <p>Seats are {@code cpu}, {@code mmu}, {@code switcher}, {@code clock}, {@code hypercalls.FAMILY}, and two for each device, by its label
 * and its place on the bus: {@code block1} for the model, {@code block1.backend} for what is behind it.
 *
 * <p>A provider goes by one to three words with a {@code /} in between, in this order: the symbolic name of its bundle, the bundle's
 * version, its own name. Its own name is the service property {@value #NAME}, and by default that of its class; capitals do not matter.
 * So {@code interpreter} means every provider of that name, {@code org.lguest.cpu} every one from this bundle.
 *
 * @param name      of the seat
 * @param wanted    what a provider has to go by to be preferred; empty when any will do
 * @param providers best first: those who are wanted before others, then by the ranking of their services, then by age
 */
public record Seat(String name, String wanted, List<Provider> providers) {
    /** Name of the service property with a provider's own name. */
    public static final String NAME = "lguest.provider";

    /**
     * Somebody who could sit there.
     *
     * @param name   the shortest word that means nobody else in this seat
     * @param about  {@code org.lguest.cpu 0.1.0 (interpreter)}
     * @param meant  whether the guest wants this one
     * @param sits   whether the guest uses this one now
     */
    public record Provider(String name, String about, boolean meant, boolean sits) { }

    /** Copies the list. */
    public Seat {
        providers = List.copyOf(providers);
    }

    /** Who sits there; empty when the guest, or the device, waits for somebody. */
    public Optional<Provider> taken() { return providers.stream().filter(Provider::sits).findFirst(); }

    /** Whether somebody is wanted who is not there. */
    public boolean missed() { return !wanted.isEmpty() && providers.stream().noneMatch(Provider::meant); }
}
