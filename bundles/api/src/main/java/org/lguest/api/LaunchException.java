package org.lguest.api;

/** A guest could not be launched. The message is a sentence for the user that says what to change. */
public final class LaunchException extends Exception {
    private static final long serialVersionUID = 1L;

    /** With the sentence. */
    public LaunchException(String message) { super(message); }

    /** With the sentence and what caused it. */
    public LaunchException(String message, Throwable cause) { super(message, cause); }
}
