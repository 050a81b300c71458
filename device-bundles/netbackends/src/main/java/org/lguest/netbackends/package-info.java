/** What network cards are plugged into. */
package org.lguest.netbackends;
