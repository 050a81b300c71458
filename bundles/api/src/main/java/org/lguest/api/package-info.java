/**
 * P:010 A computer inside a computer.
 *
 * <p>A Guest is a whole machine that is not there: a kernel with its programs, its memory and its disks, in the belief that it has a
 * processor to itself. The Host is the program around it, this one, and to the Host that machine is a handful of objects. What the Guest
 * takes for memory is a file that has been mapped, what it takes for a disk is another file, and what it takes for its processor is a
 * loop that reads its instructions and does what they say.
 *
 * <p>People want such machines in order to run a system that they do not trust, to try one that may break, or to have ten where there is
 * one. There is another reason: nothing shows so well what a kernel expects of a machine as to be the machine.
 *
 * <p>This Host follows lguest, a hypervisor that was part of Linux for ten years and was written to be read. It keeps lguest's contract, so
 * a kernel built as a Guest of lguest runs here; and it keeps the way of telling, by notes in the sources that are numbered and make a
 * journey when they are read in order. The journey has lguest's seven parts. Preparation, this one, says what the whole is and how it
 * starts. Guest shows a kernel that knows what it is. Drivers tells of devices, from both ends. Launcher is about the moment before the
 * first instruction, Host about all that holds a Guest up, Switcher about the way in and out, and Mastery about the processor.
 *
 * <p>You need to know a little of how a program runs: what memory is, an interrupt, a system call. Everything else is explained where it is
 * first needed. This package has the vocabulary: a {@link org.lguest.api.Guest}, its life, its threads.
 */
@Export
@Version("0.1.0")
package org.lguest.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
