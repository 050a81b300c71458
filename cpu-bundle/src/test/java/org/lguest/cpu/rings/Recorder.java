package org.lguest.cpu.rings;

import java.io.IOException;
import java.util.List;

/** Who says what a processor makes of cases. */
interface Recorder {
    /** What it is, for the first line of a file of fixtures. */
    String name();

    /** Runs cases. */
    List<Outcome> run(List<Case> cases) throws IOException;
}
