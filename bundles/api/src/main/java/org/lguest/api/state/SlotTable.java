package org.lguest.api.state;

import java.util.List;
import org.lguest.api.abi.DeviceType;

/**
 * How devices introduce themselves to Linux 2.6.23 (ABI section 10.4): sixteen slots of 12 bytes in the page above RAM, and for those
 * who talk by more than messages one or more pages of their own behind it. The interrupt line of a device is the number of its slot, and one.
 *
 * <pre>
 *  0 u16 type   2 u16 features   4 u16 status   6 u16 num_pages   8 u32 pfn
 * </pre>
 */
final class SlotTable {
    private static final int SLOTS = 16, SLOT_BYTES = 12, FEATURES = 2, STATUS = 4, PAGES = 6, PFN = 8;

    private SlotTable() { }

    /** Fills in the next slot, all but the type, with as many pages as {@code content} fills. */
    static DeviceState describe(GuestMemory memory, long table, int index, DeviceType type, String spec, long features, byte[] content) {
        if (index >= SLOTS) throw new IllegalStateException("all " + SLOTS + " slots of the descriptor page are taken");
        int pages = (content.length + GuestMemory.PAGE - 1) / GuestMemory.PAGE;
        long page = pages == 0 ? 0 : memory.allocateDevicePages(pages);
        memory.write(page, content, 0, content.length);
        long slot = table + (long) index * SLOT_BYTES;
        memory.store16(slot + FEATURES, (int) features);
        memory.store16(slot + PAGES, pages);
        memory.store32(slot + PFN, (int) (page >>> 12));
        return new DeviceState(index, type, spec, 0, List.of(), slot, slot + STATUS, slot + STATUS, page, 0, pages * GuestMemory.PAGE);
    }
}
