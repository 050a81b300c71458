package org.lguest.api.part;

import org.lguest.api.Guest;

/**
 * A page that guests of Linux 2.6.23 share, such as that of an inter-guest network: what one sends to a key on it goes to whoever
 * else has bound that key, and not to the launcher (ABI section 10.3). Introduced by {@link org.lguest.api.state.DmaBindings#share}.
 */
public interface SharedPage {
    /** The guest has bound or unbound buffers at this offset of the page, a multiple of 4. vCPU thread. */
    void changed(Guest guest, int offset);

    /**
     * SEND_DMA: copies what is in the guest's list into a free buffer of the first other guest that has bound this offset; the list's used_len
     * becomes the number of bytes copied, and stays when nobody takes them. vCPU thread; waits for others for a moment only.
     *
     * @param dma address of a {@link org.lguest.api.state.DmaList}, anything
     */
    void send(Guest guest, int offset, int dma);
}
