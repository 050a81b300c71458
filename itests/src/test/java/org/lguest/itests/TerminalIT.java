package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/lguest} on a terminal, which {@code script} of util-linux makes. */
class TerminalIT {
    @TempDir Path folder;

    @BeforeAll
    static void needsScript() throws IOException, InterruptedException { OnATerminal.isPossible(); }

    private OnATerminal lguest(String... words) throws IOException { return new OnATerminal(Distribution.home(), folder, "", List.of(words)); }

    @Test
    void oneInterruptKeyGoesToTheGuestAndThreeKillIt() throws Exception {
        try (OnATerminal t = lguest()) {
            t.await("puppy> ");
            t.type("\3");
            t.await("^C");
            t.await("puppy> ");
            t.type("\3\3\3");
            t.endsWith(130);
        }
    }

    @Test
    void theTerminalIsAsItWasAfterAPowerOff() throws Exception {
        try (OnATerminal t = lguest()) {
            t.await("puppy> ");
            t.type("poweroff\r");
            t.endsWith(0);
        }
    }

    @Test
    void theTerminalIsAsItWasAfterAPanicAndTheReasonIsShown() throws Exception {
        try (OnATerminal t = lguest()) {
            t.await("puppy> ");
            t.type("panic fleas\r");
            t.await("lguest: CRASH: fleas");
            t.endsWith(1);
        }
    }

    @Test
    void theGuestIsToldTheSizeOfTheTerminalAndOfItsChanges() throws Exception {
        assertEquals(0, new ProcessBuilder("mkfifo", folder.resolve("larger").toString()).start().waitFor());
        try (OnATerminal t = new OnATerminal(Distribution.home(), folder, "{ read now < larger; stty rows 50 cols 132 < /dev/tty; } &\n", List.of())) {
            t.await("puppy> ");
            t.type("tty\r");
            t.await("80 columns, 24 rows");
            Files.writeString(folder.resolve("larger"), "now\n");
            for (long end = System.nanoTime() + 300_000_000_000L; !t.saw("132 columns, ");) {
                assertTrue(System.nanoTime() < end, t::toString);
                t.await("puppy> ");
                t.type("tty\r");
                t.await(" columns, ");
            }
            t.await("puppy> ");
            t.type("poweroff\r");
            t.endsWith(0);
        }
    }

    @Test
    void thePromptStartsAGuestShowsItsConsoleAndEnds() throws Exception {
        try (OnATerminal t = lguest("shell")) {
            t.await("lguest> ");
            t.type("start --name=rex --attach\r");
            t.await("puppy> ");
            t.type("echo woof\r");
            t.await("\nwoof");
            t.type("\035");
            t.await("detached from rex");
            t.await("lguest> ");
            t.type("swap re\tcp\tint\t\r"); // the prompt completes guest, seat and provider
            t.await("cpu: *interpreter");
            t.await("lguest> ");
            t.type("lb -s | grep lguest.clock\r"); // the framework's commands need no scope
            t.await("|Active     |    2|org."); // the rest is in colour
            t.type("exit\r");
            t.endsWith(0);
        }
    }
}
