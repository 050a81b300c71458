package org.lguest.api.part;

/**
 * An Ethernet without a wire, by which guests of Linux 2.6.23 talk to each other: a page that they share lists who is there, and each sends
 * straight into the others' buffers (ABI section 10.7). Device and host have nothing to do with it once it is there.
 */
public interface PeerNetwork extends Backend, SharedPage {
    /** The guest's place in the list, 0 to 681. */
    int slot();
}
