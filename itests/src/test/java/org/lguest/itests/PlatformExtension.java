package org.lguest.itests;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.nat.internal.NativeTestContainer;
import org.ops4j.pax.exam.spi.PaxExamRuntime;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * Lets JUnit Jupiter drive Pax Exam. The container is started once; the folder of test classes becomes a probe bundle in
 * it. JUnit makes its test instance from its own class path as always, but each method is carried out on a second
 * instance whose class the probe bundle has loaded. Assertion errors are the same class on both sides, because JUnit's
 * packages are delegated to the class path.
 */
final class PlatformExtension implements BeforeAllCallback, TestInstancePostProcessor, InvocationInterceptor {
    private static final Namespace SPACE = Namespace.create(PlatformExtension.class);

    /** The started container; stopped when JUnit closes its root store. */
    private record Platform(ExamSystem system, NativeTestContainer container, Bundle probe) implements AutoCloseable {
        static Platform start(Class<?> test) {
            try {
                ExamSystem system = PaxExamRuntime.createTestSystem().fork(Distribution.options());
                var container = (NativeTestContainer) PaxExamRuntime.createContainer(system);
                container.start();
                var probe = system.createProbe();
                probe.addTest(test, "unused");
                long id = container.installProbe(probe.build().getStream());
                return new Platform(system, container, container.getSystemBundle().getBundleContext().getBundle(id));
            } catch (Exception e) {
                throw new IllegalStateException("the platform did not start", e);
            }
        }

        /** The twin class in the probe bundle. */
        Class<?> twin(Class<?> c) throws ClassNotFoundException { return probe.loadClass(c.getName()); }

        /** A new twin with its services injected. */
        Object instance(Class<?> test) throws ReflectiveOperationException {
            var constructor = twin(test).getDeclaredConstructor();
            constructor.setAccessible(true);
            Object twin = constructor.newInstance();
            BundleContext context = probe.getBundleContext();
            Object injector = context.getService(context.getServiceReference("org.ops4j.pax.exam.util.Injector"));
            injector.getClass().getMethod("injectFields", Object.class).invoke(injector, twin);
            return twin;
        }

        @Override
        public void close() {
            container.stop();
            system.clear();
        }
    }

    private static Platform platform(ExtensionContext context) {
        return context.getRoot().getStore(SPACE).computeIfAbsent(Platform.class, k -> Platform.start(context.getRequiredTestClass()), Platform.class);
    }

    @Override
    public void beforeAll(ExtensionContext context) { platform(context); }

    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context) throws ReflectiveOperationException {
        context.getStore(SPACE).put(instance, platform(context).instance(instance.getClass()));
    }

    /** Carries a method out on the twin instead. */
    private static <T> T divert(Invocation<T> call, ReflectiveInvocationContext<Method> what, ExtensionContext context) throws Throwable {
        call.skip();
        Method method = what.getExecutable();
        Class<?> type = platform(context).twin(method.getDeclaringClass());
        Class<?>[] parameters = method.getParameterTypes();
        for (int i = 0; i < parameters.length; i++)
            if (!parameters[i].isPrimitive()) parameters[i] = Class.forName(parameters[i].getName(), false, type.getClassLoader());
        Method twin = type.getDeclaredMethod(method.getName(), parameters);
        twin.setAccessible(true);
        Object target = Modifier.isStatic(method.getModifiers()) ? null : context.getStore(SPACE).get(what.getTarget().orElseThrow());
        try {
            @SuppressWarnings("unchecked") T answer = (T) twin.invoke(target, what.getArguments().toArray());
            return answer;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Override
    public void interceptTestMethod(Invocation<Void> i, ReflectiveInvocationContext<Method> r, ExtensionContext c) throws Throwable { divert(i, r, c); }

    @Override
    public void interceptTestTemplateMethod(Invocation<Void> i, ReflectiveInvocationContext<Method> r, ExtensionContext c) throws Throwable { divert(i, r, c); }

    @Override
    public void interceptBeforeEachMethod(Invocation<Void> i, ReflectiveInvocationContext<Method> r, ExtensionContext c) throws Throwable { divert(i, r, c); }

    @Override
    public void interceptAfterEachMethod(Invocation<Void> i, ReflectiveInvocationContext<Method> r, ExtensionContext c) throws Throwable { divert(i, r, c); }

    @Override
    public void interceptBeforeAllMethod(Invocation<Void> i, ReflectiveInvocationContext<Method> r, ExtensionContext c) throws Throwable { divert(i, r, c); }

    @Override
    public void interceptAfterAllMethod(Invocation<Void> i, ReflectiveInvocationContext<Method> r, ExtensionContext c) throws Throwable { divert(i, r, c); }
}
