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
        if (r != null) {
            if (page.at(offset) == this) page.replace(r);
            return r.exec(m);
        }
        if (++heat == tier.threshold()) tier.hot(this);
        r = region;
        return r != null ? r.exec(m) : plain.exec(m);
    }

    /** The interpreter runs here again, until this has become hot once more; the vCPU thread. */
    public void evict() {
        Region r = region;
        if (r == null) return;
        if (page.at(offset) == r) page.replace(this);
        r.shape().die();
        region = null;
        heat = 0;
    }

    /** From now on generated code runs here; any thread. */
    public void install(Region generated) { region = generated; }
}
