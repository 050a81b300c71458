package org.lguest.testkit;

import java.util.ArrayList;
import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Parts;

/** A family that takes notes of its calls, such as {@code SET_PTE 1 2 3 4}, numbers in hexadecimal. */
public final class RecordingFamily implements HypercallFamily {
    /** What else happens at a call. */
    @FunctionalInterface
    public interface Effect {
        /** Called for each call after the note is taken. */
        void of(Guest guest, Hypercall call, int a1);
    }

    private final Hypercall.Family family;
    private final List<String> notes;
    private final Effect effect;

    private RecordingFamily(Hypercall.Family family, List<String> notes, Effect effect) {
        this.family = family;
        this.notes = notes;
        this.effect = effect;
    }

    /** All families over one list of notes. */
    public static List<RecordingFamily> all(List<String> notes, Effect effect) {
        var all = new ArrayList<RecordingFamily>();
        for (Hypercall.Family f : Hypercall.Family.values()) all.add(new RecordingFamily(f, notes, effect));
        return all;
    }

    @Override
    public Hypercall.Family family() { return family; }

    @Override
    public void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4) {
        notes.add(call + " " + Integer.toHexString(a1) + " " + Integer.toHexString(a2) + " " + Integer.toHexString(a3) + " " + Integer.toHexString(a4));
        effect.of(guest, call, a1);
    }
}
