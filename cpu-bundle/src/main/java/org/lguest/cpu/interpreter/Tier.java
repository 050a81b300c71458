package org.lguest.cpu.interpreter;

/** What is done about code that is executed often. Called on vCPU threads. */
public interface Tier {
    /** Whether code that was decoded in this mode (bits as in {@link Machine}) is of interest. */
    boolean takes(int mode);

    /**
     * Jumps to an operation before {@link #hot}.
     *
     * @param age instructions that the guest has executed
     */
    int threshold(long age);

    /**
     * So many jumps have led to an operation, and the machine is there. {@link Head#install} may follow, later and on any thread.
     *
     * @param period instructions from one of these jumps to the next, on the average of the later half
     * @return false to be told again after half as many more
     */
    boolean hot(Head head, long period);

    /** Entries of generated code before {@link #busy}. */
    int busy();

    /**
     * Generated code has been entered so often, and is about to be entered.
     *
     * @return false to be told again after so many times more
     */
    boolean busy(Region region);

    /**
     * Generated code has left an instruction to the interpreter.
     *
     * @param physical address of the code's entry
     * @param eip      of the instruction
     */
    void sideExit(int physical, int eip);

    /** Memory lies unluckily for generated code: {@link Region#relieve} may follow, later and on any thread. */
    void unlucky(Region region);

    /** Where generated code notes its stores, so that each run of it can be checked by {@link LockStep}; null when it is trusted. */
    Journal journal();
}
