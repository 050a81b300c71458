package org.lguest.cpu.interpreter;

/** Operations that are no instructions: what holds runs together. */
final class Links {
    private Links() { }

    /** Marks an operation behind which nothing is reached by falling through. */
    interface Final { }

    /** The run ends here; what follows is decoded when it is reached. Its length is 0. */
    static final class Onward extends Op {
        private final CodePage page;
        private final int target;
        private Op link;

        Onward(CodePage page, int target) {
            this.page = page;
            this.target = target;
        }

        @Override
        Op exec(Machine m) {
            Op op = link;
            if (op == null) {
                if (target > 0xFFF) return m.fallTo(this, m.codeBase + target);
                link = op = m.inPage(page, target);
            }
            m.count += sequence - op.sequence;
            return op.entry != null ? op.entry : op;
        }
    }

    /** Bytes that are no instruction: the fault is raised when they are reached. */
    static final class Fault extends Op implements Final {
        private final int number, error;

        Fault(int number, int error) {
            this.number = number;
            this.error = error;
        }

        @Override
        Op exec(Machine m) { return m.fault(this, number, error); }
    }

    /**
     * An instruction that runs into the next page. Which frame that is depends on the page tables of the moment, so it is
     * looked at each time; the decoded form is kept as long as it is the same frame with the same content.
     */
    static final class Straddling extends Op implements Final {
        private final CodePage page;
        private CodePage second;
        private Op inner;

        Straddling(CodePage page) { this.page = page; }

        @Override
        boolean shadow() { return inner != null && inner.shadow(); }

        @Override
        Op exec(Machine m) {
            if (m.outside(m.codeBase + 0x1000)) return m.fault(this);
            long rest = m.fetchAddress(m.codeLinear(m.codeBase + 0x1000));
            if (rest < 0) return m.fault(this);
            if (inner == null || second.dropped || second.frame != (int) (rest >>> 12)) decode(m, rest);
            if (m.outside(m.codeBase + inner.after() - 1)) return m.fault(this);
            return inner.exec(m);
        }

        private void decode(Machine m, long rest) {
            second = m.second(page, (int) (rest >>> 12));
            inner = m.straddling(page, offset, rest);
            inner.sequence = sequence;
            Op onward = new Onward(page, inner.after());
            onward.sequence = sequence + 1;
            onward.offset = inner.after();
            inner.next = onward;
            second.cover(0, Math.max(0, inner.after() - 0x1000));
        }
    }
}
