package org.lguest.cpu.interpreter;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Seat;
import org.lguest.cpu.decode.Disassembler;
import org.osgi.service.component.annotations.Component;

/**
 * M:105 The software processor: an i686 that interprets decoded code. What it keeps for a guest is decoded code and nothing
 * else, so it can leave between any two turns and another engine goes on where it stood.
 */
@Component(property = {Seat.NAME + "=interpreter", "service.ranking:Integer=-10"})
public final class Interpreter implements CpuEngine {
    private final Map<Guest, Machine> machines = new ConcurrentHashMap<>();

    @Override
    public void adopt(Guest guest) { machines.put(guest, new Machine(guest)); }

    @Override
    public void release(Guest guest) {
        Machine m = machines.remove(guest);
        if (m != null) m.forgetAll();
    }

    @Override
    public void run(Guest guest, Parts parts, int budget) { machines.get(guest).run(parts, budget); }

    @Override
    public String disassemble(byte[] code, int address, boolean code32) { return Disassembler.words(code, address, code32); }
}
