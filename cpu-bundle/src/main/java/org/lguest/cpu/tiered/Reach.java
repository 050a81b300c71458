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
        return this == DIRECT && given(code) ? DIRECT : BARE;
    }

    /** The JDK promises nothing about it, neither that a module may use it nor that it is there. */
    private static boolean given(Module code) {
        if (!Object.class.getModule().isExported(GuestCode.UNSAFE.substring(0, GuestCode.UNSAFE.lastIndexOf('.')), code)) return false;
        try {
            Class<?> unsafe = Class.forName(GuestCode.UNSAFE, false, null);
            unsafe.getMethod("getUnsafe");
            unsafe.getMethod("getByte", Object.class, long.class);
            unsafe.getMethod("getShort", Object.class, long.class);
            unsafe.getMethod("getInt", Object.class, long.class);
            unsafe.getMethod("getLong", Object.class, long.class);
            unsafe.getMethod("putByte", Object.class, long.class, byte.class);
            unsafe.getMethod("putShort", Object.class, long.class, short.class);
            unsafe.getMethod("putInt", Object.class, long.class, int.class);
            unsafe.getMethod("putLong", Object.class, long.class, long.class);
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
