/** How people reach guests: the original launcher's command line, and the commands of the Gogo scope {@code lguest}. */
package org.lguest.shell;
