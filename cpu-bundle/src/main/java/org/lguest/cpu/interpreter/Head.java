package org.lguest.cpu.interpreter;

/** Waits in front of an operation that is hot for the code that is generated for it. */
public final class Head extends Entry {
    /** Where it is. */
    public final CodePage page;
    private volatile Region region;
    private volatile boolean barren, abandoned;

    Head(CodePage page, Op plain) {
        super(plain);
        this.page = page;
    }

    @Override
    Op exec(Machine m) {
        Region r = region;
        if (r == null) {
            if (abandoned) plain.entry = null;
            return plain.exec(m);
        }
        plain.entry = r;
        return r.exec(m);
    }

    @Override
    boolean begun() { return !barren && !abandoned; }

    /** Nothing can be generated here, or nothing else than there is; any thread. */
    public void barren() { barren = region == null; }

    /** What was generated is outdated before anybody entered it: this may become hot once more; any thread. */
    public void abandon() { abandoned = region == null; }

    /** Whether other code than this runs here. */
    boolean prefers(Region other) { return region != null && region != other; }

    /** The interpreter runs here again, until this has become hot once more; the vCPU thread. */
    public void evict() {
        Region r = region;
        if (r == null) return;
        r.shape().die();
        region = null;
        plain.entry = null;
    }

    /** From now on generated code runs here, and what was before does not; any thread. */
    public void install(Region generated) {
        Region before = region;
        region = generated;
        if (before != null) before.shape().die();
    }
}
