package org.lguest.api;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is said about a guest where it is known as a service: {@link Guest} and its {@link Counters} are registered from its admission to
 * its end, with these properties; events about it have them, too.
 */
public final class GuestProperties {
    /** Number, unique in this runtime: an Integer. */
    public static final String ID = "lguest.guest.id";
    /** Name, unique among living guests: a String. */
    public static final String NAME = "lguest.guest.name";
    /** Memory in MiB: an Integer. */
    public static final String MEMORY = "lguest.guest.memory";
    /** Path of the kernel's image, or {@code puppy}: a String. */
    public static final String KERNEL = "lguest.guest.kernel";
    /** Variant of the ABI, {@code LINUX_2_6_37}: a String; what is expected, before the guest has shown it. */
    public static final String GENERATION = "lguest.guest.generation";
    /** Where it is in its {@link Life}: a String, in small letters. */
    public static final String LIFE = "lguest.guest.life";
    /** {@link Origin#by Who} asked for it: a String, empty when nobody has told. */
    public static final String ORIGIN = "lguest.guest.origin";
    /** How often it was {@linkplain Origin#restarts started anew}: an Integer. */
    public static final String RESTARTS = "lguest.guest.restarts";

    private GuestProperties() { }

    /** All of them, as they are now. */
    public static Map<String, Object> of(Guest g) {
        GuestSpec s = g.spec();
        Map<String, Object> p = new TreeMap<>();
        p.put(ID, g.id());
        p.put(NAME, g.name());
        p.put(MEMORY, s.memoryMiB());
        p.put(KERNEL, s.kernel() == null ? "puppy" : s.kernel().toString());
        p.put(GENERATION, g.generation().name());
        p.put(LIFE, g.life().name().toLowerCase(Locale.ROOT));
        p.put(ORIGIN, s.origin().by());
        p.put(RESTARTS, s.origin().restarts());
        return p;
    }
}
