package org.lguest.config;

/** A configuration makes no sense. The message is a sentence that names the file, the key and the value. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) { super(message); }
}
