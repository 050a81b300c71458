/** The contracts of the parts as tests, and what such tests need: tiny guests, a clock to turn by hand, a host that takes notes. Not shipped. */
package org.lguest.testkit;
