package org.lguest.cpu.tiered;

/**
 * A place in a plan: an address, and the calls that led there. Code of a function is planned anew for each call, so that its return
 * is known to lead to that call.
 *
 * @param at    bytes from the beginning of the entry's page
 * @param calls the calls, innermost first, or null
 */
record Spot(int at, Call calls) {
    private static final int DEEPEST = 4;

    /**
     * A call that is being executed.
     *
     * @param back   where it returns to
     * @param outer  the call around it, or null
     * @param slight it is one of a function of a few instructions, see {@link Slight}
     */
    record Call(int back, Call outer, boolean slight) {
        int depth() { return outer == null ? 1 : outer.depth() + 1; }

        boolean contains(int where) { return back == where || outer != null && outer.contains(where); }
    }

    /** Page of the place; the entry's is 0. */
    int page() { return at >> 12; }

    /** Another place inside the same calls. */
    Spot to(int where) { return new Spot(where, calls); }

    /** A place inside one more call. A recursion, and what is too deep, forgets its callers: its returns lead where returns have been seen to lead. */
    Spot call(int where, int back, boolean slight) {
        boolean forgets = calls != null && (calls.depth() >= DEEPEST || calls.contains(back));
        return new Spot(where, forgets ? null : new Call(back, calls, slight));
    }

    /** Whether it is in a function that is repeated wherever it is called. */
    boolean repeated() { return calls != null && calls.slight; }

    /** Where the innermost call returns to. */
    Spot back() { return new Spot(calls.back, calls.outer); }
}
