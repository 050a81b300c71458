package org.lguest.cpu.interpreter;

/** How much of the program generated code has, in the order in which code that is entered often is made anew. */
public enum Extent {
    /** Up to where other generated code begins. */
    SHORT,
    /** Other code's instructions are repeated, and a function's for each call of it. */
    WHOLE,
    /** Far more instructions, ways that are far less likely, and the function that it begins in once. */
    WIDE
}
