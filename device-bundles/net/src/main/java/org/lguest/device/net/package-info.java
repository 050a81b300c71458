/** The virtio network card. */
package org.lguest.device.net;
