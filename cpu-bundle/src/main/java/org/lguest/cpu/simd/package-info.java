/**
 * What MMX, SSE and SSE2 compute: {@link org.lguest.cpu.simd.Lanes whole numbers} in 64 bits at a time, and
 * {@link org.lguest.cpu.simd.SseUnit floating point} with the exceptions of MXCSR. Nothing here knows instructions or memory.
 */
package org.lguest.cpu.simd;
