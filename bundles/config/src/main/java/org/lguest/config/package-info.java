/** Guests as configuration: each is described by a configuration of the factory {@code org.lguest.guest}, started by it, and kept as it says. */
package org.lguest.config;
