package org.lguest.testkit;

import org.lguest.api.part.Mmu;

/** The oracle keeps the contract that it is the oracle of. */
class PlainMmuTest extends MmuContract {
    @Override
    protected Mmu mmu() { return new PlainMmu(); }
}
