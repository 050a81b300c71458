package org.lguest.cpu.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.lguest.cpu.proof.Case.Patch;
import org.lguest.cpu.proof.World.Area;

/** What the memory of a {@link World} should contain, byte by byte: cases change it by their patches only. */
final class Image {
    private final byte[][] content = new byte[World.AREAS.size()][];
    private final boolean blank;

    /** @param blank zeros instead of numbers, and zeros again after each case; code is INT3 in any case */
    Image(boolean blank) {
        this.blank = blank;
        for (int n = 0; n < content.length; n++) {
            Area a = World.AREAS.get(n);
            content[n] = blank && a != World.CODE ? new byte[a.bytes()] : World.content(a);
        }
    }

    /** The content of an area, not a copy. */
    byte[] of(Area area) { return content[World.AREAS.indexOf(area)]; }

    /** The byte at a linear address. */
    byte at(int va) {
        Area a = World.area(va);
        return of(a)[va - a.address()];
    }

    private void set(int va, byte b) {
        Area a = World.area(va);
        of(a)[va - a.address()] = b;
    }

    /** Applies the patches of a case. */
    void begin(Case c) {
        for (Patch p : c.patches()) for (int n = 0; n < p.bytes().length; n++) set(p.address() + n, p.bytes()[n]);
    }

    /** Whether a patch goes when its case is over. */
    boolean passing(Patch p) { return p.code() || blank; }

    /** Takes its code away, and everything else where memory is to be blank. */
    void end(Case c) {
        for (Patch p : c.patches()) if (passing(p)) for (int n = 0; n < p.bytes().length; n++) set(p.address() + n, p.code() ? World.FILL : 0);
    }

    /** The bytes of an area from an address on. */
    byte[] read(int va, int length) {
        Area a = World.area(va);
        return Arrays.copyOfRange(of(a), va - a.address(), va - a.address() + length);
    }

    /** Removes bytes that are as they should be. */
    SortedMap<Integer, Byte> onlyChanges(SortedMap<Integer, Byte> bytes) {
        bytes.entrySet().removeIf(e -> at(e.getKey()) == e.getValue());
        return bytes;
    }

    /** The same case for blank memory: all data that it finds here become its own. */
    Case selfContained(Case c) {
        List<Patch> patches = new ArrayList<>();
        for (Area a : List.of(World.DATA, World.STACK)) patches.add(new Patch(a.address(), of(a).clone(), false));
        for (Patch p : c.patches()) if (p.code()) patches.add(p);
        return c.with(patches);
    }
}
