package org.lguest.api;

/**
 * Somebody who watches what a guest does, step by step. Those who do it ask {@link Guest#tracing} whether anybody wants to know, which
 * costs one load of a field that is null, and make words of it only then.
 *
 * <p>Called on the guest's threads, several at once, in the middle of what they do: an implementation neither waits for somebody who looks
 * at what it takes, nor throws.
 */
public interface Trace {
    /** What can be watched. */
    enum Category {
        /** What the kernel asks of the Host. */ HYPERCALLS,
        /** Faults, and INT n of programs, as the switcher finds them. */ TRAPS,
        /** Interrupts that are delivered. */ INTERRUPTS,
        /** Requests that devices take from their queues, and answers to them. */ REQUESTS,
        /** Every instruction; the guest then makes turns of one instruction each. */ INSTRUCTIONS
    }

    /** Whether steps of this kind are wanted. */
    boolean wants(Category category);

    /** A step of the guest, in words. */
    void step(Guest guest, Category category, String what);
}
