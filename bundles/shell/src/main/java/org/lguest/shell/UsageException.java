package org.lguest.shell;

/** A command cannot be done as it was given. The message is a sentence for the user. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) { super(message); }

    UsageException(String message, Throwable cause) { super(message, cause); }

    /** The sentence alone: Gogo prints exceptions so. */
    @Override
    public String toString() { return getMessage(); }
}
