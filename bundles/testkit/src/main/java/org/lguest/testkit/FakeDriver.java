package org.lguest.testkit;

import java.util.ArrayList;
import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.VirtqueueState;

/**
 * The driver's side of a virtqueue: lays descriptor chains out in guest memory as a kernel does, and reads the used ring.
 * Descriptors and buffers are never reused, so one driver makes as many requests as the ring has descriptors, and then
 * {@link #rewind} begins anew.
 */
public final class FakeDriver {
    /** A piece of a chain: bytes for the device to read, or room for it to write. */
    public record Piece(byte[] bytes, int room) {
        /** The device reads this. */
        public static Piece of(byte[] bytes) { return new Piece(bytes, 0); }

        /** The device writes here. */
        public static Piece room(int bytes) { return new Piece(null, bytes); }

        private boolean write() { return bytes == null; }

        private int length() { return write() ? room : bytes.length; }
    }

    /** A chain that the device gave back. */
    public record Used(int head, int written) { }

    private static final long BUFFERS = 0x10000;

    private final Guest guest;
    private final GuestMemory memory;
    private final VirtqueueState q;
    private final long[] roomAt = new long[32768];
    private int nextDescriptor, avail, seenUsed;
    private long nextBuffer = BUFFERS;

    /** A driver for a queue of a device. */
    public FakeDriver(Guest guest, DeviceState device, int queue) {
        this.guest = guest;
        memory = guest.memory();
        q = device.queues.get(queue);
    }

    /** Puts a device of a model on a guest's bus. */
    public static DeviceState plug(Guest guest, DeviceModel model, DeviceType type, Backend backend) {
        DeviceModel.Shape s = model.shape(backend, guest);
        return guest.devicePage().add(type, "test:", s.queueSizes(), s.features(), s.config());
    }

    /** Begins again with the first descriptor and buffer; everything offered so far must have come back. */
    public void rewind() {
        nextDescriptor = 0;
        nextBuffer = BUFFERS;
    }

    /** Offers a chain; answers its head. */
    public int offer(Piece... pieces) {
        int head = nextDescriptor;
        for (int i = 0; i < pieces.length; i++) {
            Piece p = pieces[i];
            if (!p.write()) memory.write(nextBuffer, p.bytes, 0, p.bytes.length);
            else if (roomAt[head] == 0 || i == 0 || !pieces[i - 1].write()) roomAt[head] = nextBuffer;
            int flags = (p.write() ? Virtio.DESC_WRITE : 0) | (i + 1 < pieces.length ? Virtio.DESC_NEXT : 0);
            descriptor(nextDescriptor++, nextBuffer, p.length(), flags, nextDescriptor);
            nextBuffer += p.length();
        }
        publish(head);
        return head;
    }

    /** Writes a descriptor as it is told, right or wrong. */
    public void descriptor(int i, long address, int length, int flags, int next) {
        long d = q.ring + 16L * i;
        memory.store64(d, address);
        memory.store32(d + 8, length);
        memory.store16(d + 12, flags);
        memory.store16(d + 14, next);
    }

    /** Puts a head, right or wrong, on the available ring. */
    public void publish(int head) {
        memory.store16(q.available() + 4 + 2L * (avail & q.num - 1), head);
        availableIndex(++avail);
    }

    /** Sets the available index. */
    public void availableIndex(int index) { memory.storeRelease16(q.available() + 2, index & 0xFFFF); }

    /** Asks for no interrupts, or for them again. */
    public void noInterrupt(boolean on) { memory.store16(q.available(), on ? Virtio.AVAIL_NO_INTERRUPT : 0); }

    /** What has come back since this was last asked. */
    public List<Used> used() {
        List<Used> back = new ArrayList<>();
        int index = memory.loadAcquire16(q.used() + 2);
        for (; seenUsed != index; seenUsed = seenUsed + 1 & 0xFFFF) {
            long e = q.used() + 4 + 8L * (seenUsed & q.num - 1);
            back.add(new Used(memory.load32(e), memory.load32(e + 4)));
        }
        return back;
    }

    /** What the device wrote into a chain, from the first writable piece on (they are laid out one behind the other). */
    public byte[] written(int head, int bytes) {
        byte[] b = new byte[bytes];
        memory.read(roomAt[head], b, 0, bytes);
        return b;
    }

    /** Whether the queue's line is pending; clears it. */
    public boolean interrupted() {
        boolean pending = (guest.lines().pending() >>> q.irq & 1) != 0;
        guest.lines().clear(q.irq);
        return pending;
    }
}
