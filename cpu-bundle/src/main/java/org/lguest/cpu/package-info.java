/** The CPU bundle: the x86 table, the decoder that reads it, and the engines. Exports nothing. */
package org.lguest.cpu;
