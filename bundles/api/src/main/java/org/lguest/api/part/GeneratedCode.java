package org.lguest.api.part;

/**
 * A piece of code that an engine has generated from a guest's own, for people who look on. Numbers are read while the guest runs, and are
 * those of some recent moment.
 */
public interface GeneratedCode {
    /** Guest-physical address of the instruction where it is entered. */
    long address();

    /** Instructions of the guest that it was made from. */
    int size();

    /** Bytes of the method that it became. */
    int bytes();

    /** Times that it was entered. */
    long entries();

    /** Instructions of the guest that were completed in it. */
    long instructions();

    /** Times that it gave up at an instruction: a page that was not in the SoftTlb, a fault, a write to code. */
    long stops();

    /** The guest's instructions in the order in which they were found, a line each, with guest-physical addresses. Any thread. */
    String disassembly();

    /** What was generated, a line for each instruction of the JVM. Any thread. */
    String generated();
}
