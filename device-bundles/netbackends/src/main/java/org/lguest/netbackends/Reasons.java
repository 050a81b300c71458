package org.lguest.netbackends;

import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Exceptions of the platform in words: most of them have only a name to say. */
final class Reasons {
    private Reasons() { }

    /** An exception that says what did not work and why; one that is a sentence already stays. */
    static IOException of(String what, IOException e) {
        return e.getClass() == IOException.class && e.getMessage() != null && e.getMessage().startsWith("the ") ? e : new IOException(what + ": " + why(e), e);
    }

    /** The reason. */
    static String why(Exception e) {
        return switch (e) {
            case AccessDeniedException x -> "permission denied";
            case NoSuchFileException x -> "no such file or folder";
            case FileSystemException x when x.getReason() != null -> x.getReason();
            case UnknownHostException x -> "the host is not known";
            case UnresolvedAddressException x -> "the host is not known";
            case BindException x -> x.getMessage();
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }
}
