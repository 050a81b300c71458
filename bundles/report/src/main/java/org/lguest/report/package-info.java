/** Guests as bundles see them that know nothing of hypervisors: services with properties, events, health checks. */
package org.lguest.report;
