/** Time for guests, taken from the host's clocks. */
package org.lguest.clock;
