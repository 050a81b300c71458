package org.lguest.cpu.tiered;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.lguest.api.Guest;
import org.lguest.cpu.interpreter.Journal;
import org.lguest.cpu.interpreter.Machine;
import org.lguest.cpu.interpreter.Region;
import org.lguest.cpu.interpreter.Shape;

/** Where the generated code of one guest lives: a class loader with a copy of {@link Access} of its own. It goes with the guest. */
public final class GuestCode extends ClassLoader {
    /** What the loader's own {@link Access} answers. */
    public interface Door {
        /** With the right to define classes beside it. */
        MethodHandles.Lookup lookup();
    }

    /** The JDK's own way to bare memory, which HotSpot's compilers make one instruction of: where the JVM was told to give it away ({@code --add-exports}). */
    static final String UNSAFE = "jdk.internal.misc.Unsafe";
    /** A class beside {@link Access} whose field {@code MEMORY} has one. */
    static final ClassDesc DIRECT = ClassDesc.of(GuestCode.class.getPackageName(), "Direct");

    private static final MethodType MAKE = MethodType.methodType(void.class, Shape.class);
    private static final String ACCESS = Access.class.getName();
    private static final String HOLDER = GuestCode.class.getPackageName() + "." + DIRECT.displayName();
    private static final byte[] COPY = bytes();

    private final Guest guest;
    private final Machine machine;
    private final Journal journal;
    private final Reach reach;
    private final MethodHandles.Lookup lookup;

    /**
     * @param journal where stores are noted, or null
     * @param reach   how memory is to be reached, if that is possible
     */
    GuestCode(Guest guest, Machine machine, Journal journal, Reach reach) {
        super("code of " + guest, GuestCode.class.getClassLoader());
        this.guest = guest;
        this.machine = machine;
        this.journal = journal;
        this.reach = reach.upTo(guest.memory(), getUnnamedModule());
        try {
            lookup = ((Door) loadClass(ACCESS).getConstructor().newInstance()).lookup();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For {@link Access}. */
    public Guest guest() { return guest; }

    /** For {@link Access}. */
    public Machine machine() { return machine; }

    /** For {@link Access}: where stores are noted, or null. */
    public Journal journal() { return journal; }

    /** For {@link Access}: whether memory is reached by {@link BareMemory}. */
    public boolean bare() { return reach != Reach.SEGMENT; }

    /** Whether code uses {@link #DIRECT}; else it calls {@link Access}, which is five methods for HotSpot to look into at each access. */
    boolean direct() { return reach == Reach.DIRECT && journal == null; }

    /** Defines a subclass of {@link Region} that goes when nobody uses it any more, and makes its only object. */
    Region define(byte[] bytes, Shape shape) {
        try {
            MethodHandles.Lookup in = lookup.defineHiddenClass(bytes, false);
            return (Region) in.findConstructor(in.lookupClass(), MAKE).invoke(shape);
        } catch (Error | RuntimeException e) {
            throw e;
        } catch (Throwable e) { // constructors of regions declare nothing
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.equals(UNSAFE)) return getPlatformClassLoader().loadClass(name);
        byte[] own = name.equals(ACCESS) ? COPY : name.equals(HOLDER) ? holder() : null;
        if (own == null) return super.loadClass(name, resolve);
        synchronized (getClassLoadingLock(name)) {
            Class<?> c = findLoadedClass(name);
            return c != null ? c : defineClass(name, own, 0, own.length);
        }
    }

    private static byte[] holder() {
        ClassDesc unsafe = ClassDesc.of(UNSAFE);
        return ClassFile.of().build(DIRECT, k -> k.withField("MEMORY", unsafe, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL)
            .withMethodBody(ConstantDescs.CLASS_INIT_NAME, ConstantDescs.MTD_void, ClassFile.ACC_STATIC,
                c -> c.invokestatic(unsafe, "getUnsafe", MethodTypeDesc.of(unsafe)).putstatic(DIRECT, "MEMORY", unsafe).return_()));
    }

    private static byte[] bytes() {
        try (InputStream in = Access.class.getResourceAsStream("Access.class")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
