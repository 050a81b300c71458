/** The devices of Linux 2.6.23, before virtio: console and disk. Its network card is at home with the younger one, and shares its tools. */
package org.lguest.device.classic;
