package org.lguest.itests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tests of this class run inside the framework, in the probe bundle that Pax Exam makes of them: they see packages and
 * services as any bundle does. Fields with {@code @Inject} get services. All such classes share one started platform.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(PlatformExtension.class)
@interface OnThePlatform { }
