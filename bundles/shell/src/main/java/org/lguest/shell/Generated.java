package org.lguest.shell;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.lguest.api.Guest;
import org.lguest.api.VcpuThread;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.GeneratedCode;

/** What the code that was generated for a guest had done at a moment. Code comes and goes, so that two moments are compared piece by piece. */
record Generated(Map<GeneratedCode, Done> code) {
    /** By a piece of code. */
    record Done(long instructions, long stops) {
        private static final Done NOTHING = new Done(0, 0);
    }

    /** Of this moment. */
    static Generated of(Guest g) { return of(in(g)); }

    static Generated of(List<GeneratedCode> code) {
        return new Generated(code.stream().collect(Collectors.toMap(Function.identity(), c -> new Done(c.instructions(), c.stops()))));
    }

    /** The code itself, by whom the guest has as its engine now. */
    static List<GeneratedCode> in(Guest g) {
        VcpuThread vcpu = g.vcpu();
        CpuEngine engine = vcpu == null ? null : vcpu.parts().cpu();
        return engine == null ? List.of() : engine.generated(g);
    }

    int regions() { return code.size(); }

    /** Instructions of the guest since an earlier moment. */
    long instructions(Generated before) { return since(before, Done::instructions); }

    /** Times that code gave up at an instruction since an earlier moment. */
    long stops(Generated before) { return since(before, Done::stops); }

    private long since(Generated before, ToLongFunction<Done> count) {
        return code.entrySet().stream()
            .mapToLong(e -> count.applyAsLong(e.getValue()) - count.applyAsLong(before.code.getOrDefault(e.getKey(), Done.NOTHING))).sum();
    }
}
