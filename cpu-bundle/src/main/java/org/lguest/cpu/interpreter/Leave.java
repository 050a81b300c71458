package org.lguest.cpu.interpreter;

/**
 * Generated code stops at the instruction that it is at, of which nothing has happened. Either a trap was left, or the
 * interpreter is to do it. It is thrown, not returned, so that an access costs generated code no test and few bytes; it
 * has no stack trace and is made once.
 */
public final class Leave extends RuntimeException {
    private static final long serialVersionUID = 1;
    /** The only one. */
    public static final Leave NOW = new Leave();

    private Leave() { super("leave generated code", null, false, false); }
}
