package org.lguest.mmu;

import java.util.concurrent.ConcurrentHashMap;
import org.lguest.api.Guest;
import org.lguest.api.abi.KillText;
import org.lguest.api.part.Mmu;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.PageRoots;
import org.lguest.api.state.SoftTlb;
import org.osgi.service.component.annotations.Component;

/**
 * H:300 The page tables behind the page tables.
 *
 * <p>A Guest builds page tables as any kernel does, and names in them page frames that exist only in its own world. The
 * processor does not run on them but on <i>shadows</i>: copies that we make entry by entry, when an access first needs
 * one, and only after a look at what the entry asks for. lguest never watches the Guest's tables for changes. It relies on
 * being told, by hypercall, and the whole of this part follows from that bargain: what has been copied stays true until
 * the Guest says otherwise, what has not been copied is read afresh.
 *
 * <p>So an access goes through three rooms. {@link SoftTlb} answers nearly all of them, inside the engine. What it has lost
 * or never had comes to {@link #fill}, and mostly finds its answer in {@link Shadows} at the price of two array loads. The
 * rest is walked in the Guest's memory by {@link Walker}, which also leaves the marks A and D that a kernel expects from a
 * processor. Write permission is held back until D is set: the first store to a clean page comes by once more, just to
 * have it set.
 */
@Component
public final class ShadowMmu implements Mmu {
    /** The guest that asked last: one pair, replaced whole, so that guests on other threads at worst miss it. */
    private record Last(Guest guest, Shadows shadows) { }

    private final ConcurrentHashMap<Guest, Shadows> all = new ConcurrentHashMap<>();
    private Last last = new Last(null, null);

    @Override
    public void adopt(Guest guest) {
        String wrong = guest.roots().check(guest.memory());
        if (wrong != null) guest.kill(wrong);
        all.put(guest, new Shadows(guest.roots()));
        last = new Last(null, null);
        guest.tlb().flush();
    }

    @Override
    public void release(Guest guest) {
        all.remove(guest);
        last = new Last(null, null);
        guest.tlb().flush();
    }

    private Shadows shadows(Guest guest) {
        Last l = last;
        if (l.guest == guest) return l.shadows;
        Shadows s = all.get(guest);
        if (s == null) throw new IllegalStateException(guest + " has not been adopted");
        last = new Last(guest, s);
        return s;
    }

    @Override
    public boolean fill(Guest guest, int va, int access, boolean user) {
        Shadows s = shadows(guest);
        int need = Shadows.PRESENT | (access == WRITE ? Shadows.WRITE : 0) | (user ? Shadows.USER : 0);
        int e = s.entry(va);
        if ((e & need) != need) {
            e = demand(guest, s, va, access == WRITE, user);
            if ((e & Shadows.PRESENT) == 0) return fault(guest, va, e, access == WRITE, user);
        }
        boolean write = (e & Shadows.WRITE) != 0 && !guest.memory().code().has(e >>> 12);
        guest.tlb().fill(user ? SoftTlb.USER : SoftTlb.SUPERVISOR, va, e & Shadows.FRAME, true, write, true);
        return true;
    }

    /**
     * H:310 Demand paging (ABI section 6.3). An access is not covered by what we remember. That may be because the Guest has not seen the page
     * yet, or because only we have not; the Guest's own tables decide. If they allow the access, what they say is remembered, and the Guest
     * never learns that something was missing. If not, it is a page fault, and the Guest's own affair (S:140).
     */
    private static int demand(Guest guest, Shadows s, int va, boolean write, boolean user) {
        int e = Walker.walk(guest, va, write, user);
        if ((e & Shadows.PRESENT) != 0) {
            s.remember(va, e);
            guest.counters().shadowFaults++;
        }
        return e;
    }

    private static boolean fault(Guest guest, int va, int answer, boolean write, boolean user) {
        CpuState cpu = guest.cpu();
        cpu.trap(14, (answer == Walker.DENIED ? 1 : 0) | (write ? 2 : 0) | (user ? 4 : 0));
        cpu.faultAddress = va;
        return false;
    }

    @Override
    public int physical(Guest guest, int va) { return shadows(guest).entry(va) & Shadows.FRAME | va & ~Shadows.FRAME; }

    @Override
    public long translate(Guest guest, int va) {
        int e = shadows(guest).entry(va);
        return (e & Shadows.PRESENT) != 0 ? Integer.toUnsignedLong(e & Shadows.FRAME | va & ~Shadows.FRAME) : Walker.locate(guest, va);
    }

    @Override
    public void newPageTable(Guest guest, int root) {
        Shadows s = shadows(guest);
        PageRoots roots = guest.roots();
        boolean wasLinear = roots.linear;
        if (wasLinear) {
            Boolean told = guest.spec().pae();
            roots.pae = told != null ? told : PageRoots.looksPae(guest.memory(), root);
        } else if (root == roots.current) return; // a known table: nothing to do, and Linux expects no more
        if (!guest.memory().contains(Integer.toUnsignedLong(root), roots.pae ? 32 : 4096)) {
            guest.kill(KillText.badRead(root, 4));
            return;
        }
        roots.linear = false;
        roots.current = root;
        if (wasLinear) {
            s.dropAll(roots);
            guest.tlb().flush();
            pinStack(guest);
            return;
        }
        boolean known = s.select(root);
        guest.tlb().flushBelow(s.sharedFrom());
        if (!known) pinStack(guest);
    }

    @Override
    public void flushUser(Guest guest) {
        Shadows s = shadows(guest);
        s.dropUser();
        guest.tlb().flushBelow(s.sharedFrom());
    }

    @Override
    public void flushAll(Guest guest) {
        shadows(guest).dropAll(guest.roots());
        guest.tlb().flush();
        pinStack(guest);
    }

    /**
     * H:340 One entry changed. The new value is in the Guest's memory already; all that we do is to forget the old one.
     * The real lguest installs the new entry here to save a fault; our walk costs less than a fault does there.
     */
    @Override
    public void setPte(Guest guest, int root, int va, int low, int high) {
        if (Integer.compareUnsigned(va, guest.roots().switcherAddress()) >= 0) {
            boolean late = guest.generation().strictTables();
            guest.kill(late ? "attempt to set pte into Switcher pages" : "attempt to access switcher pages");
            return;
        }
        if (guest.roots().linear) return;
        Shadows s = shadows(guest);
        Shadows.Tree tree = s.find(root);
        boolean shared = Integer.compareUnsigned(va, s.sharedFrom()) >= 0;
        if (!shared && tree == null) return; // an address space that we do not remember
        if (Walker.badArgument(guest, low, high)) {
            guest.kill("bad page table entry");
            return;
        }
        if (s.dropPage(tree, va)) guest.tlb().flushPage(va);
    }

    @Override
    public void setTopLevel(Guest guest, int root, int index) {
        PageRoots roots = guest.roots();
        int entries = roots.pae ? 4 : 1024;
        if (Integer.compareUnsigned(index, entries) > 0 && guest.generation().strictTables()) {
            guest.kill("Attempt to set pgd " + Integer.toUnsignedString(index) + "/" + entries);
            return;
        }
        if (Integer.compareUnsigned(index, entries) >= 0 || roots.linear) return;
        Shadows s = shadows(guest);
        int chunks = 1024 / entries;
        if (!s.dropChunks(s.find(root), index * chunks, chunks)) return;
        if (index * chunks + chunks <= s.sharedFrom() >>> 22) guest.tlb().flushBelow(s.sharedFrom());
        else guest.tlb().flush();
    }

    /** A middle table may hang in any tree, under any of its slots: forget everything (ABI section 6.5). */
    @Override
    public void setMiddle(Guest guest, int table, int index) { flushAll(guest); }

    @Override
    public void pinStack(Guest guest) {
        Shadows s = shadows(guest);
        CpuState cpu = guest.cpu();
        int want = Shadows.PRESENT | Shadows.WRITE;
        for (int i = 0; i < Math.min(cpu.stackPages, 2); i++) {
            int va = cpu.esp1 - 1 - i * 4096;
            if ((s.entry(va) & want) == want || (demand(guest, s, va, true, false) & want) == want) continue;
            guest.kill("bad stack page " + KillText.hex(va));
            return;
        }
    }
}
