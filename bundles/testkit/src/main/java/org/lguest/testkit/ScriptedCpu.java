package org.lguest.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;

/** An engine that does what a test wrote down, one step a run; without a step it only returns. */
public final class ScriptedCpu implements CpuEngine {
    /** The budgets of all runs. */
    public final List<Integer> budgets = new ArrayList<>();
    private final ArrayDeque<Consumer<CpuState>> steps = new ArrayDeque<>();

    /** Adds a step. */
    public ScriptedCpu then(Consumer<CpuState> step) {
        steps.add(step);
        return this;
    }

    /** Adds a fault with an error code at an address. */
    public ScriptedCpu fault(int vector, int error, int eip) {
        return then(c -> {
            c.eip = eip;
            c.trap(vector, error);
        });
    }

    /** Adds an INT instruction of {@code length} bytes at {@code eip}. */
    public ScriptedCpu interrupt(int vector, int eip, int length) {
        return then(c -> {
            c.eip = eip + length;
            c.trap(vector, 0);
            c.software = true;
            c.softwareEip = eip;
        });
    }

    /** How often it ran. */
    public int runs() { return budgets.size(); }

    @Override
    public void run(Guest guest, Parts parts, int budget) {
        budgets.add(budget);
        Consumer<CpuState> step = steps.poll();
        if (step != null) step.accept(guest.cpu());
    }
}
