/**
 * The engine that makes classes of the JVM from guest code that is hot. To be read in the order of the work: {@code TieredEngine} and
 * {@code GuestTier} decide what and when, {@code Planner} finds code that belongs together, with {@code Slight} for small functions ({@code Plan}, {@code Block}, {@code Step},
 * {@code Spot}), {@code Writer} turns it into a class with the words of {@code Code} and {@code FlagCode}, {@code Emitters} and
 * {@code VectorEmitters} know the single instructions, {@code StoreRun}, {@code UnseenFlags}, {@code Recurrence} and {@code Windows} (with {@code Origins}) what can be spared when they are looked at together, {@code Reach} says how it reaches memory, and
 * {@code Access}, {@code BareMemory} and {@code Doubles} are what the class calls while it runs.
 * How generated code is entered and left is in {@link org.lguest.cpu.interpreter}: {@code Head}, {@code Region}, {@code LockStep}.
 */
package org.lguest.cpu.tiered;
