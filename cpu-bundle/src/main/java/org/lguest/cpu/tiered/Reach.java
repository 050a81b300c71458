package org.lguest.cpu.tiered;

import org.lguest.api.state.GuestMemory;

/** How generated code reaches a guest's memory: from the way that is always there to the shortest. */
enum Reach {
    /** By its {@link java.lang.foreign.MemorySegment}. */
    SEGMENT,
    /** By {@link BareMemory}, where there is any. */
    BARE,
    /** By what {@link BareMemory} is made of, with nothing in between: see {@link GuestCode#UNSAFE}. */
    DIRECT;

    /** The shortest, up to this one, that there is for a memory and code in a module. */
    Reach upTo(GuestMemory memory, Module code) {
        if (this == SEGMENT || !BareMemory.reaches(memory)) return SEGMENT;
        boolean given = Object.class.getModule().isExported(GuestCode.UNSAFE.substring(0, GuestCode.UNSAFE.lastIndexOf('.')), code);
        return this == DIRECT && given ? DIRECT : BARE;
    }
}
