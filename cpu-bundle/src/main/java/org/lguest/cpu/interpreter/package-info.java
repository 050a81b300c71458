/**
 * M:010 A processor made of words.
 *
 * <p>Everything so far leaned on somebody who executes the Guest's instructions. lguest had the real processor for that, and lent it to
 * the Guest until the next trap. A Java program cannot lend what it does not have; so the instructions are read, one by one, and what they
 * say is done. In principle that is a loop around a table of some hundred entries, and any student can write the first half in a week.
 *
 * <p>The second half is this part. A processor has to be <em>right</em>, in the corners too: every flag, the order in which checks are made, and
 * above all that an instruction which faults has done nothing, so that it can be tried again when the page is there. A kernel lives off that.
 * It has to be <em>fast</em>, although each of its instructions costs several of ours: so nothing is found out twice, and code is decoded once
 * and kept. And it has to be <em>suspicious</em>, since what it has kept may be overwritten under its hands, by the Guest, or by a disk.
 *
 * <p>What it need not be is clever about lguest. An engine knows rings, segments and paging bits as Intel's manual describes them, and nothing
 * of hypercalls: {@code int 0x1F} is to it a trap like others. So it could run any other system of its time, and it can be tested against
 * the processor in the machine on your desk.
 *
 * <p>The interpreter (M:105) is the plainest way to all of this. An engine that compiles shares with it the decoder, and everything that is hard.
 */
package org.lguest.cpu.interpreter;

/*
 * M:900 How does one know that it is right?
 *
 * A processor with one flag wrong in a thousand boots a kernel, and corrupts a file a week later. Reading the manual does not help against that, for
 * we have read it. So the referee is the processor in the machine on which the tests run. Cases are made from the table (M:020), with
 * awkward operands; each is run here and there, and registers, flags, memory and faults are compared. What ever differed is kept, and is
 * tried again with every build. Then puppy asks its questions (G:800), and then come real kernels, which ask others.
 *
 * This is the end of the journey. A Guest has turned out to be some data, a handful of agreements, and a few parts that keep them, none of which
 * knows the others. The best way on is to take one of these parts and to make a better one, or another: it may take its seat while
 * the Guest of the one before is still running (P:040). Where to begin? With something small; docs/write-a-virtio-device.md takes an hour.
 */
