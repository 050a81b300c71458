package org.lguest.itests;

import java.util.Random;

/** Types lines, a few ahead of what comes back, into puppy's {@code churn}, which repeats them. */
final class Typist {
    private static final int AHEAD = 3, LONGEST = 100;

    private final Session session;
    private final Random random;
    private final StringBuilder expected = new StringBuilder();
    private final Thread thread = Thread.ofPlatform().name("typist").unstarted(this::run);
    private volatile boolean over;
    private volatile Throwable failure;

    Typist(Session session, long seed) {
        this.session = session;
        random = new Random(seed);
        thread.start();
    }

    private void run() {
        try {
            int n = 0;
            while (!over) {
                String line = "line " + ++n + " " + word();
                session.type(line);
                expected.append(line).append("\r\nchurn: heard ").append(n).append(", ").append(line).append("\r\n");
                if (n > AHEAD) session.await("churn: heard " + (n - AHEAD) + ",");
            }
            session.await("churn: heard " + n + ",");
        } catch (InterruptedException | AssertionError e) {
            failure = e;
        }
    }

    private String word() {
        return random.ints(1 + random.nextInt(LONGEST), 'a', 'z' + 1).collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    /** Ends it; answers all that must be on the screen by now, byte for byte. */
    String stop() throws InterruptedException {
        over = true;
        thread.join();
        if (failure != null) throw new AssertionError("the console fell silent", failure);
        return expected.toString();
    }
}
