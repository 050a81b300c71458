/**
 * M:400 What a step costs. Whole programs tell whether a change was good; these tell why. There is a benchmark for each thing that an engine, or
 * what is around it, pays for by the piece, and both engines are measured by the same code. {@code itests/bench/costs} runs them.
 */
package org.lguest.bench;
