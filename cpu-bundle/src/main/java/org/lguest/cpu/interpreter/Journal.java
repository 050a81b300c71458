package org.lguest.cpu.interpreter;

import java.util.HashMap;
import java.util.Map;
import org.lguest.api.state.GuestMemory;

/**
 * What generated code loads and stores while it is being checked. Its stores stay here, byte by byte, where its own loads find them:
 * devices look at memory at any time, and must not see what may be wrong, or is about to be done once more. Only for {@link LockStep};
 * on the vCPU thread.
 */
public final class Journal {
    private final GuestMemory memory;
    private final byte[] one = new byte[1];
    /** By guest-physical address. */
    private final Map<Long, Byte> stored = new HashMap<>(), loaded = new HashMap<>();

    /** @param memory of the guest */
    public Journal(GuestMemory memory) { this.memory = memory; }

    /** Stores the low bytes of a value, lowest first, as far as generated code can tell. */
    public void store(long place, long value, int bytes) {
        for (int i = 0; i < bytes; i++) stored.put(place + i, (byte) (value >>> 8 * i));
    }

    /** What is there, as generated code would have it; zero-extended. */
    public long load(long place, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) value |= (load(place + i) & 0xFFL) << 8 * i;
        return value;
    }

    private byte load(long place) {
        Byte own = stored.get(place);
        return own != null ? own : loaded.computeIfAbsent(place, this::now);
    }

    private byte now(long place) {
        memory.read(place, one, 0, 1);
        return one[0];
    }

    void begin() {
        stored.clear();
        loaded.clear();
    }

    /** Whether memory that was read, and not written, has changed since: a device has been at it. */
    boolean disturbed() { return loaded.entrySet().stream().anyMatch(l -> !stored.containsKey(l.getKey()) && l.getValue() != now(l.getKey())); }

    /** Null when memory is now as generated code would have it, else what differs. */
    String difference() {
        for (var s : stored.entrySet())
            if (s.getValue() != now(s.getKey())) return String.format("memory at %x: %02x generated, %02x interpreted", s.getKey(), s.getValue(), now(s.getKey()));
        return null;
    }
}
