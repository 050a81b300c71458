/** What a guest can ask of its host: the hypercalls of Linux 2.6.24 to 3.19, in five families. */
package org.lguest.hypercalls;
