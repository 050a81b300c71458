package org.lguest.cpu.interpreter;

/** Counts how often an entry is run, and gives way to the code that is generated for it. */
public final class Head extends Entry {
    /** Where it is. */
    public final CodePage page;
    private final Tier tier;
    private volatile Region region;
    private int heat;

    Head(Tier tier, CodePage page, Op plain) {
        super(plain);
        this.tier = tier;
        this.page = page;
    }

    @Override
    Op exec(Machine m) {
        Region r = region;
        if (r != null && r.live()) {
            if (page.at(offset) == this) page.replace(r);
            return r.exec(m);
        }
        if (r != null) cool();
        if (++heat == tier.threshold() && !tier.hot(this)) heat = 0;
        r = region;
        return r != null ? r.exec(m) : plain.exec(m);
    }

    /** The interpreter runs here again, until this has become hot once more; the vCPU thread. */
    public void evict() {
        Region r = region;
        if (r == null) return;
        if (page.at(offset) instanceof Region) page.replace(this);
        r.shape().die();
        cool();
    }

    private void cool() {
        region = null;
        heat = 0;
    }

    /** From now on generated code runs here, in place of what was installed before; any thread, but one at a time. */
    public void install(Region generated) {
        Region before = region;
        region = generated;
        if (before != null) before.succeedBy(generated);
    }
}
