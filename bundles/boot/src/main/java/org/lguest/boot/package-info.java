/** What runs before there is a framework, and after it: finds the bundles, starts Felix, hands over, and reports how it went. */
package org.lguest.boot;
