package org.lguest.testkit;

import java.util.Random;
import org.lguest.api.ControlException;
import org.lguest.api.Guest;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.GuestMemory;

/** A guest of Linux 2.6.23 that stands still, as devices find it, and the driver's side of DMA. Close it when done. */
public final class ClassicGuest implements AutoCloseable {
    /** Where lists are written; buffers are wherever the test likes. */
    public static final int LISTS = 0x10000;

    /** The guest. */
    public final Guest guest;
    private int lists;

    /** Of 4 MiB, initialised. */
    public ClassicGuest() {
        guest = TestGuests.of(4);
        guest.expect(Generation.LINUX_2_6_23);
        try {
            guest.control().initialize((int) (guest.memory().segment().byteSize() / GuestMemory.PAGE), 0x3FF000, 0xC0100000, 0xC0000000);
        } catch (ControlException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts a device on the bus and tells its backend. */
    public DeviceState plug(DeviceModel model, Backend backend) {
        DeviceModel.Shape s = model.shape(backend, guest);
        DeviceState d = guest.devicePage().add(model.type(), "test:", s.queueSizes(), s.features(), s.config());
        backend.attached(d);
        return d;
    }

    /** Writes a list of pieces, address and length in turn; answers where. */
    public int list(int... pieces) {
        int at = LISTS + 128 * lists++;
        write(at, pieces);
        return at;
    }

    /** Writes a list at an address. */
    public void write(int at, int... pieces) {
        guest.memory().zero(Integer.toUnsignedLong(at), DmaList.BYTES);
        for (int i = 0; i < pieces.length / 2; i++) {
            guest.memory().store32(at + 4 + 4 * i, pieces[2 * i]);
            guest.memory().store16(at + 68 + 2 * i, pieces[2 * i + 1]);
        }
    }

    /** SEND_DMA to the launcher, and what the device makes of it; answers used_len. */
    public int send(DeviceModel model, DeviceState device, Backend backend, int key, int list) {
        guest.dma().post(list, key);
        model.service(guest, device, 0, backend);
        return guest.dead() ? -1 : used(list);
    }

    /** used_len of a list; -1 when it is not in memory. */
    public int used(int list) {
        long at = Integer.toUnsignedLong(list);
        return guest.memory().contains(at, 4) ? guest.memory().load32(at) : -1;
    }

    /** A word that a hostile guest may use as address, key or length. */
    public static int hostile(Random random) {
        return switch (random.nextInt(7)) {
            case 0 -> random.nextInt();
            case 1 -> -random.nextInt(200);
            case 2 -> 0x400000 - random.nextInt(300);
            case 3 -> 0x400000 + random.nextInt(0x101000);
            case 4 -> random.nextInt(0x400000) & ~3;
            case 5 -> random.nextInt(64) * 4;
            default -> LISTS + random.nextInt(64) * 4;
        };
    }

    /** Fills part of memory with lists that are sometimes good, and addresses of all kinds. */
    public void litter(Random random) {
        for (int i = 0; i < 400; i++) guest.memory().store32(LISTS + 4 * random.nextInt(2000), hostile(random));
        for (int i = 0; i < 40; i++) guest.memory().store16(LISTS + 2 * random.nextInt(4000), random.nextInt(4) == 0 ? 0 : random.nextInt(0x10000));
    }

    @Override
    public void close() {
        guest.kill("end of test");
        guest.control().close();
        guest.memory().close();
    }
}
