/**
 * The proof kit: what makes us believe that the engine is an i686.
 *
 * <p>A {@link org.lguest.cpu.proof.Generator} invents instructions from the rows of the x86 table, and state in which they do
 * something; {@link org.lguest.cpu.proof.Programs} strings them together, with jumps, loops and code that changes itself.
 * Each {@link org.lguest.cpu.proof.Case} goes to two processors: that of the host, through a 32-bit process which this
 * package writes byte by byte ({@link org.lguest.cpu.proof.RunnerImage}), and one of our engines, in the same
 * {@link org.lguest.cpu.proof.World} of pages and segments. Registers, flags, selectors, memory, trap, error code, fault
 * address and the whole of x87, MMX and SSE ({@link org.lguest.cpu.proof.FpuImage}) must be the same; where processors may
 * differ, {@link org.lguest.cpu.proof.Models} and {@link org.lguest.cpu.proof.FloatModels} say why.
 *
 * <p>A difference is shrunk to the least that shows it, and stays as a line in {@code mismatches.txt}. Together with
 * recordings of every row ({@code fixtures.txt}, {@code fixtures-x87.txt}, {@code fixtures-sse.txt}) it is replayed on hosts of
 * any kind.
 *
 * <p>{@code mvn verify} runs a few seconds of it. {@code mvn test -pl cpu-bundle -am -Dtest=SiliconTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dproof.cases=10000000} runs as long as one likes, and
 * {@code target/proof-coverage.txt} tells which forms of which rows were compared.
 */
package org.lguest.cpu.proof;
