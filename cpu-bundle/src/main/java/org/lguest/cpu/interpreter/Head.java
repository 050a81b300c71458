package org.lguest.cpu.interpreter;

/** Waits in front of an operation that is hot for the code that is generated for it. */
public final class Head extends Entry {
    /** Where it is. */
    public final CodePage page;
    private volatile Region region;

    Head(CodePage page, Op plain) {
        super(plain);
        this.page = page;
    }

    @Override
    Op exec(Machine m) {
        Region r = region;
        if (r == null) return plain.exec(m);
        plain.entry = r;
        return r.exec(m);
    }

    /** The interpreter runs here again, until this has become hot once more; the vCPU thread. */
    public void evict() {
        Region r = region;
        if (r == null) return;
        r.shape().die();
        region = null;
        plain.entry = null;
    }

    /** From now on generated code runs here; any thread. */
    public void install(Region generated) { region = generated; }
}
