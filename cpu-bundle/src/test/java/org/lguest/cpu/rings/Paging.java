package org.lguest.cpu.rings;

import static org.lguest.api.state.CpuState.*;

import java.util.ArrayList;
import java.util.List;

/** Cases about page protection: every combination of rights in entry and directory, every kind of access, operands across pages, repetitions. */
final class Paging {
    private static final int[] FLAGS = {7, 6, 5, 4, 3, 1, 0};
    private static final int[] DIRECTORY = {7, 5, 3, 1, 0};

    /** An access to what EBX points to; ESI and EDI point there too. */
    private record Access(String name, String code, int bytes) { }

    private static final List<Access> ACCESSES = List.of(
        new Access("read 1", "8A 03", 1), new Access("read 2", "66 8B 03", 2), new Access("read 4", "8B 03", 4), new Access("read 8", "DB E3 DD 03", 8),
        new Access("write 1", "88 0B", 1), new Access("write 2", "66 89 0B", 2), new Access("write 4", "89 0B", 4), new Access("write 8", "DB E3 DF 3B", 8),
        new Access("modify 1", "00 0B", 1), new Access("modify 4", "11 0B", 4), new Access("locked", "F0 0F C1 0B", 4), new Access("exchange", "87 0B", 4),
        new Access("compare and exchange", "0F B1 0B", 4), new Access("compare and exchange 8", "0F C7 0B", 8), new Access("set", "0F 92 03", 1),
        new Access("bit test", "0F A3 0B", 4), new Access("bit set", "0F AB 0B", 4), new Access("push", "FF 33", 4), new Access("pop", "8F 03", 4),
        new Access("shift", "D1 23", 4), new Access("negate", "F7 1B", 4), new Access("double shift", "0F A5 13", 4), new Access("bound", "62 03", 8));

    private final List<Case> cases = new ArrayList<>();

    private Paging() { }

    static List<Case> all() {
        var p = new Paging();
        for (int ring : Segments.RINGS)
            for (boolean pae : new boolean[] {false, true}) {
                p.rights(ring, pae);
                p.across(ring, pae);
                p.code(ring, pae);
                p.stack(ring, pae);
                p.strings(ring, pae);
            }
        return p.cases;
    }

    private static Draft at(int ring, boolean pae, Access a, int address) {
        return new Draft(ring, pae, a.name).say(pae ? "pae" : "plain").code(a.code).register(EBX, address).register(ESI, address).register(EDI, address)
            .register(EAX, 0x5A004000).register(ECX, 3).register(EDX, 0x5A004004);
    }

    private void rights(int ring, boolean pae) {
        for (Access a : ACCESSES)
            for (int page : FLAGS)
                for (int directory : DIRECTORY)
                    cases.add(at(ring, pae, a, World.DATA + 0x100).say("page %d directory %d", page, directory).page(World.DATA, page).directory(directory).done());
    }

    private void across(int ring, boolean pae) {
        for (Access a : ACCESSES)
            for (int first : new int[] {7, 5, 0})
                for (int second : new int[] {7, 5, 3, 0})
                    for (int beyond = 1; beyond < a.bytes; beyond += 2)
                        cases.add(at(ring, pae, a, World.DATA + 0x1000 - a.bytes + beyond).say("%d bytes beyond, pages %d %d", beyond, first, second)
                            .page(World.DATA, first).page(World.DATA + 0x1000, second).done());
    }

    /** Where the next instruction is, or half of it. */
    private void code(int ring, boolean pae) {
        for (int page : FLAGS) {
            cases.add(new Draft(ring, pae, "jump to a page").say("%s %d", pae ? "pae" : "plain", page).code("E9 FB BF 00 00").code(World.MORE, "90 90").page(World.MORE, page).done());
            for (int at = 0xFF8; at <= 0xFFF; at++)
                cases.add(new Draft(ring, pae, "code across pages").say("%s %d from %x", pae ? "pae" : "plain", page, at).code("E9" + le(at - 5)).code(World.CODE + at, "81 C0 78 56 34 12 90")
                    .page(World.CODE + 0x1000, page).done());
        }
    }

    private static String le(int v) { return String.format("%02X %02X %02X %02X", v & 0xFF, v >>> 8 & 0xFF, v >>> 16 & 0xFF, v >>> 24); }

    private void stack(int ring, boolean pae) {
        String[] codes = {"50", "60", "61", "9C", "9D", "E8 00 00 00 00", "C3", "C8 10 00 00", "C8 10 00 03", "C9", "66 50", "FF 34 24", "CB", "CF", "1E", "17"};
        for (String code : codes)
            for (int page : new int[] {7, 5, 3, 0})
                for (int esp : new int[] {0x1000, 0x1002, 0x1008, 0x1FFC, 0x1FFE, 0x2000, 0xFFC})
                    cases.add(new Draft(ring, pae, "stack").say("%s %s page %d esp %x", pae ? "pae" : "plain", code, page, esp).code(code).register(ESP, World.STACK + esp)
                        .register(EBP, World.STACK + esp).page(World.STACK, page).word(World.STACK + 0xFFC, World.CODE + 0x40).word(World.STACK + 0x1FFC, World.CODE + 0x44).done());
    }

    private void strings(int ring, boolean pae) {
        String[] codes = {"F3 A4", "F3 A5", "F3 66 A5", "F3 AA", "F3 AB", "F3 AC", "F3 A6", "F2 AE", "FD F3 A4", "FD F3 AB", "A5", "AB"};
        for (String code : codes)
            for (int page : new int[] {7, 5, 0})
                for (int target : new int[] {0xFF0, 0xFFD, 0x1FF6})
                    for (int source : new int[] {0x20, 0xFFA})
                        cases.add(new Draft(ring, pae, "string").say("%s %s page %d to %x from %x", pae ? "pae" : "plain", code, page, target, source).code(code)
                            .register(EDI, World.DATA + target).register(ESI, World.MORE + source).register(ECX, 9).register(EAX, 0x5A004000).page(World.DATA + 0x1000, page).done());
    }
}
