package org.lguest.api;

/** What {@link Control} refuses, by the error number that the original gives. */
public final class ControlException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Error numbers, by the names that Linux has for them. */
    public enum Errno {
        /** Not now, or no such thing. */ EINVAL,
        /** Done before. */ EBUSY,
        /** Too many guests. */ ENOSPC,
        /** Nothing there, or nobody alive. */ ENOENT,
        /** Not by you. */ EPERM,
        /** Closed. */ EBADF
    }

    private final Errno errno;

    /** A refusal, with a sentence. */
    public ControlException(Errno errno, String message) {
        super(errno + ": " + message);
        this.errno = errno;
    }

    /** Which. */
    public Errno errno() { return errno; }
}
