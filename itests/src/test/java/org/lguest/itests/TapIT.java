package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --tunnet}: a tap of the host, in a network namespace of its own, so that nothing of the host is touched and no right is needed. */
@Timeout(900)
class TapIT {
    private record Outcome(int status, String text) { }

    private static Outcome inANamespace(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("unshare", "--map-root-user", "--net"));
        all.addAll(List.of(command));
        ProcessBuilder b = new ProcessBuilder(all).redirectErrorStream(true).redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        b.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process p = b.start();
        try {
            String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(p.waitFor(600, TimeUnit.SECONDS), text);
            return new Outcome(p.exitValue(), text);
        } finally {
            p.destroyForcibly();
        }
    }

    @BeforeAll
    static void namespacesAndTapsAreThere() throws InterruptedException {
        try {
            assumeTrue(inANamespace("dd", "of=/dev/net/tun", "count=0").status == 0, "no tap can be opened in a network namespace here");
        } catch (IOException e) {
            assumeTrue(false, "no unshare here: " + e.getMessage());
        }
    }

    /** The host's own kernel answers at the other end of the tap. */
    @ParameterizedTest
    @ValueSource(strings = {"puppy-classic", "puppy"})
    void theHostAnswers(String guest) throws Exception {
        Outcome o = inANamespace(Distribution.home().resolve("bin/lguest").toString(), "--tunnet=10.77.0.1", "32", guest,
            "quiet run=\"ip 10.77.0.2/24; ping 10.77.0.1 2; poweroff\"");
        assertTrue(o.text.contains("2 questions, 2 answers"), o::text);
        assertEquals(0, o.status, o::text);
    }
}
