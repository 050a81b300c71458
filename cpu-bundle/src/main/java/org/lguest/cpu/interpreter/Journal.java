package org.lguest.cpu.interpreter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.lguest.api.state.GuestMemory;

/** What generated code has loaded and stored, so that it can be taken back and compared. Only for {@link LockStep}; on the vCPU thread. */
public final class Journal {
    /** An access: what was there before, and for a store what is there now. */
    private static final class Note {
        private final long place;
        private final byte[] before, after;

        boolean overlaps(Note o) { return place < o.place + o.before.length && o.place < place + before.length; }

        Note(long place, int size) {
            this.place = place;
            before = new byte[size];
            after = new byte[size];
        }
    }

    private final GuestMemory memory;
    private final List<Note> stores = new ArrayList<>(), loads = new ArrayList<>();

    /** @param memory of the guest */
    public Journal(GuestMemory memory) { this.memory = memory; }

    /** Bytes at a guest-physical address are about to be overwritten. */
    public void store(long place, int size) { stores.add(noted(place, size)); }

    /** Bytes at a guest-physical address are about to be read. */
    public void load(long place, int size) { loads.add(noted(place, size)); }

    private Note noted(long place, int size) {
        Note n = new Note(place, size);
        memory.read(place, n.before, 0, size);
        return n;
    }

    void begin() {
        stores.clear();
        loads.clear();
    }

    /** Whether memory that was read, and not written, has changed since: a device has been at it. */
    boolean disturbed() {
        return loads.stream().filter(l -> stores.stream().noneMatch(l::overlaps)).anyMatch(l -> !Arrays.equals(l.before, noted(l.place, l.before.length).before));
    }

    /** Remembers what has been stored, and puts back what was there before. */
    void takeBack() {
        for (Note n : stores) memory.read(n.place, n.after, 0, n.after.length);
        for (Note n : stores.reversed()) memory.write(n.place, n.before, 0, n.before.length);
    }

    /** Null when memory is now as it was before {@link #takeBack}, else what differs. */
    String difference() {
        for (Note n : stores) {
            byte[] now = new byte[n.after.length];
            memory.read(n.place, now, 0, now.length);
            if (!Arrays.equals(now, n.after))
                return String.format("memory at %x: %s generated, %s interpreted", n.place, HexFormat.of().formatHex(n.after), HexFormat.of().formatHex(now));
        }
        return null;
    }
}
