package org.lguest.mmu;

import org.lguest.api.part.Mmu;
import org.lguest.testkit.MmuContract;

/** Shadow page tables keep the contract of MMUs. */
class ShadowMmuTest extends MmuContract {
    @Override
    protected Mmu mmu() { return new ShadowMmu(); }
}
