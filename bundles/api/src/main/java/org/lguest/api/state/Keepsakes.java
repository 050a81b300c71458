package org.lguest.api.state;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a backend leaves to the one that follows it in the same seat, so that the guest need not pay for the change: bytes in
 * a form of its own, under a name of its own. The content is as untrusted as anything that comes from another version of the
 * code. Any thread.
 */
public final class Keepsakes {
    /** Bytes under one name. */
    public static final int MAX_BYTES = 64 * 1024;
    /** Names; beyond that the oldest are forgotten. */
    public static final int MAX_NAMES = 64;

    private final Map<String, byte[]> kept = new LinkedHashMap<>();

    /** Keeps bytes under a name, instead of what was there; more than {@link #MAX_BYTES} are not kept at all. */
    public synchronized void leave(String name, byte[] bytes) {
        kept.remove(name);
        if (bytes.length == 0 || bytes.length > MAX_BYTES) return;
        if (kept.size() == MAX_NAMES) kept.remove(kept.keySet().iterator().next());
        kept.put(name, bytes.clone());
    }

    /** Takes what is kept under a name; it is not kept any longer. Empty when there is nothing. */
    public synchronized byte[] take(String name) {
        byte[] bytes = kept.remove(name);
        return bytes == null ? new byte[0] : bytes;
    }
}
