package org.lguest.api;

/**
 * How a guest ended.
 *
 * @param kind   what happened
 * @param reason the sentence; lguest's own texts where it has one (ABI section 9)
 */
public record Ending(Kind kind, String reason) {
    /** Ways to end. */
    public enum Kind {
        /** SHUTDOWN by the guest, or stop by the user. */ POWER_OFF,
        /** The guest asked to be started anew. */ RESTART,
        /** It called CRASH: a panic. */ CRASH,
        /** It did what no guest may, or the user killed it. */ KILLED
    }

    /** Whether this counts as success for a command line: exit status 0. */
    public boolean clean() { return kind == Kind.POWER_OFF; }

    @Override
    public String toString() { return kind == Kind.CRASH ? "CRASH: " + reason : reason; }
}
