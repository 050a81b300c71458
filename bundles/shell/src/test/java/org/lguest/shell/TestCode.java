package org.lguest.shell;

import org.lguest.api.part.GeneratedCode;

/** Generated code that says of itself what a test wants. */
final class TestCode implements GeneratedCode {
    private final long address, entries;
    long instructions, stops;

    TestCode(long address, long entries, long instructions, long stops) {
        this.address = address;
        this.entries = entries;
        this.instructions = instructions;
        this.stops = stops;
    }

    @Override
    public long address() { return address; }

    @Override
    public int size() { return 7; }

    @Override
    public int bytes() { return 300; }

    @Override
    public long entries() { return entries; }

    @Override
    public long instructions() { return instructions; }

    @Override
    public long stops() { return stops; }

    @Override
    public String disassembly() { return "    1000  nop\n    1001  ret"; }

    @Override
    public String generated() { return "iload_1\nireturn"; }
}
