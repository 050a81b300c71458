package org.lguest.device.classic;

import java.io.IOException;
import org.lguest.api.DmaMessages;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BlockBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.GuestMemory;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:720 The disk of Linux 2.6.23 (ABI section 10.6): one request at a time, written on a page that Guest and Host share.
 *
 * <pre>
 *  0 u32 type: 0 read, 1 write   4 u32 sector   8 u32 bytes   12 u32 result: 1 done, 2 failed   16 u32 sectors of the disk
 * </pre>
 *
 * <p>The Guest binds one buffer to the page, fills in the page, and sends a message to it. Data to write is in the message; data that was read
 * goes into the buffer; and the interrupt of the buffer says that the page has the result. There is no way to say "make it safe", so every write is.
 */
@Component
public final class ClassicDisk implements DeviceModel {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicDisk.class);
    private static final DeviceType TYPE = new DeviceType(3, "block");
    private static final int RANDOMNESS = 0x8000;
    private static final int SECTOR = 512, KIND = 0, FIRST = 4, BYTES = 8, RESULT = 12, SECTORS = 16;
    private static final int DONE = 1, FAILED = 2;

    @Override
    public DeviceType type() { return TYPE; }

    @Override
    public boolean serves(Generation generation) { return generation.bus().classic(); }

    /** Its timing is quite random, says the original, so the guest may draw on it. */
    @Override
    public Shape shape(Backend backend) {
        byte[] page = new byte[GuestMemory.PAGE];
        long sectors = Math.min(((BlockBackend) backend).size() / SECTOR, 0xFFFFFFFFL);
        for (int i = 0; i < 4; i++) page[SECTORS + i] = (byte) (sectors >>> 8 * i);
        return new Shape(new int[0], RANDOMNESS, page);
    }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        int key = (int) device.config;
        DmaList sent = DmaMessages.sent(guest, key);
        if (sent == null) return;
        DmaList reply = DmaMessages.anyBuffer(guest, key);
        if (reply == null) guest.kill("Block request didn't give us a dma buffer");
        else new Request(guest, device, (BlockBackend) backend).perform(sent, reply);
    }

    /** One request, from its page. */
    private static final class Request {
        private final Guest guest;
        private final GuestMemory memory;
        private final DeviceState device;
        private final BlockBackend disk;

        Request(Guest guest, DeviceState device, BlockBackend disk) {
            this.guest = guest;
            this.memory = guest.memory();
            this.device = device;
            this.disk = disk;
        }

        void perform(DmaList sent, DmaList reply) {
            boolean write = memory.load32(device.config + KIND) != 0;
            long offset = Integer.toUnsignedLong(memory.load32(device.config + FIRST)) * SECTOR;
            if (offset >= disk.size()) {
                guest.kill("Bad offset " + offset + " vs " + disk.size());
                return;
            }
            if (write && offset + sent.bytes() > disk.size()) {
                guest.kill("Write past end " + offset + "+" + sent.bytes());
                return;
            }
            int bytes = write ? write(offset, sent) : read(offset, reply);
            memory.store32(device.config + RESULT, bytes == memory.load32(device.config + BYTES) ? DONE : FAILED);
            DmaMessages.taken(guest, device, sent, 0);
            DmaMessages.filled(guest, device, reply, write ? 0 : Math.max(0, bytes));
        }

        /** Bytes read, as many as there are before the disk ends; -1 when the backend failed. */
        private int read(long offset, DmaList to) {
            int done = 0;
            try {
                for (int i = 0; i < to.pieces() && offset + done < disk.size(); i++) {
                    int n = (int) Math.min(to.length()[i], disk.size() - offset - done);
                    disk.read(offset + done, memory.slice(to.address()[i], n));
                    memory.code().written(to.address()[i], n);
                    done += n;
                }
                return done;
            } catch (IOException e) {
                return failed(e);
            }
        }

        private int write(long offset, DmaList from) {
            if (disk.readOnly()) return -1;
            int done = 0;
            try {
                for (int i = 0; i < from.pieces(); done += from.length()[i++])
                    disk.write(offset + done, memory.slice(from.address()[i], from.length()[i]));
                disk.flush();
                return done;
            } catch (IOException e) {
                return failed(e);
            }
        }

        private int failed(IOException e) {
            guest.log().add(device + ": " + e.getMessage());
            LOG.debug("{}: {}, {}", guest, device, disk.describe(), e);
            return -1;
        }
    }
}
