package org.lguest.cpu.proof;

import java.util.List;

/** Something that executes cases, in order; memory that one has changed is as before for the next. */
interface Processor extends AutoCloseable {
    /** One outcome for each case. */
    List<Outcome> run(List<Case> cases);

    @Override
    void close();
}
