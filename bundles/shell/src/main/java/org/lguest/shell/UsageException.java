package org.lguest.shell;

/** The words on a command line make no sense. The message is a sentence for the user. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) { super(message); }
}
