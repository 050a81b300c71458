package org.lguest.hypercalls;

import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.osgi.service.component.annotations.Component;

/**
 * H:430 Page tables changed (ABI section 6.5). Nobody watches the Guest's page tables, so it has to say when an entry is no longer what it was:
 * one page of one address space, one entry of a higher level, everything of the user's, everything at all. And it says when it goes on
 * with other tables altogether, which a kernel does at each switch between processes. The work is the MMU's (H:340).
 */
@Component
public final class MemoryCalls implements HypercallFamily {
    @Override
    public Hypercall.Family family() { return Hypercall.Family.MEMORY; }

    @Override
    public void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4) {
        Mmu mmu = parts.mmu();
        switch (call) {
            case NEW_PGTABLE -> mmu.newPageTable(guest, a1);
            case FLUSH_TLB -> {
                if (a1 == 0) mmu.flushUser(guest);
                else mmu.flushAll(guest);
            }
            case SET_PTE -> mmu.setPte(guest, a1, a2, a3, guest.roots().pae ? a4 : 0);
            case SET_PGD -> mmu.setTopLevel(guest, a1, a2);
            case SET_PMD -> {
                if (guest.roots().pae) mmu.setMiddle(guest, a1, a2);
                else guest.kill("Bad hypercall " + call.number()); // a host without PAE has no such call
            }
            default -> Misdirected.kill(guest, this, call);
        }
    }
}
