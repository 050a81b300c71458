package org.lguest.cpu.interpreter;

import java.util.ArrayList;
import java.util.List;

/**
 * The decoded code of one page frame in one mode. Operations are found by their offset in the page; a bit per byte tells
 * which bytes were decoded, so that a store beside code does no harm.
 */
public final class CodePage {
    private static final int LINE = 64;

    /** The frame, and the mode it was decoded in. */
    public final int frame, mode;
    /** The code has been forgotten; operations of this page must not be entered any more. */
    boolean dropped;
    private final Op[][] lines = new Op[4096 / LINE][];
    private final long[] covered = new long[4096 / 64];
    private final List<CodePage> straddlers = new ArrayList<>(0);
    private final List<Shape> shapes = new ArrayList<>(0);

    CodePage(int frame, int mode) {
        this.frame = frame;
        this.mode = mode;
    }

    /** The operation at an offset, or null. */
    Op at(int offset) {
        Op[] line = lines[offset >>> 6];
        return line == null ? null : line[offset & LINE - 1];
    }

    /** Enters an operation; its bytes become code. */
    void put(Op op) {
        int line = op.offset >>> 6;
        if (lines[line] == null) lines[line] = new Op[LINE];
        lines[line][op.offset & LINE - 1] = op;
        cover(op.offset, Math.min(4096, op.after()));
    }

    /** Code that was generated from this page, among others. */
    void generated(Shape shape) {
        shapes.removeIf(Shape::stale);
        shapes.add(shape);
    }

    /** Nobody may enter this page's code any more. */
    void drop() {
        dropped = true;
        shapes.forEach(Shape::die);
    }

    /** Marks bytes [from, to) as code. */
    void cover(int from, int to) {
        for (int b = from; b < to; b++) covered[b >>> 6] |= 1L << b;
    }

    /** Whether one of the bytes [from, from + n) is code. */
    boolean covers(int from, int n) {
        for (int b = from; b < from + n; b++) if ((covered[b >>> 6] >>> b & 1) != 0) return true;
        return false;
    }

    /** An instruction of that page runs into this one: it goes when this one goes. */
    void enteredFrom(CodePage first) {
        if (!straddlers.contains(first)) straddlers.add(first);
    }

    /** Pages with an instruction that runs into this one. */
    List<CodePage> straddlers() { return straddlers; }
}
