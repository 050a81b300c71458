package org.lguest.netbackends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import org.lguest.api.DmaMessages;
import org.lguest.api.Guest;
import org.lguest.api.part.PeerNetwork;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.Throttle;

/**
 * D:494 A guest's place on an inter-guest network. The page of its card is the first page of the network's file, not a copy of it: the host maps the
 * same memory into all who are on the network, so an address that one guest writes is there for the others, as with the original.
 */
final class SharePlace implements PeerNetwork {
    private final Guest guest;
    private final ShareFile file;
    private final Runnable left;
    private FileLock place, number;
    private volatile DeviceState device;
    private boolean takenOver, handedOver, closed;

    SharePlace(Guest guest, ShareFile file, Runnable left) throws IOException {
        this.guest = guest;
        this.file = file;
        this.left = left;
        number = file.number(guest);
        place = file.reserve();
    }

    Guest guest() { return guest; }

    /** The guest's key for an offset on the page. */
    int key(int offset) { return (int) device.config + offset; }

    @Override
    public int slot() { return (int) place.position(); }

    @Override
    public String describe() { return "network " + file.path() + ", place " + slot(); }

    @Override
    public void attached(DeviceState made) {
        device = made;
        long page = made.config;
        MemorySegment shared = file.page();
        try {
            Libc.alsoMapAt(shared.address(), shared.byteSize(), guest.memory().segment().address() + page);
        } catch (Libc.Failure e) {
            throw new IllegalStateException(file.path() + " cannot be mapped into the guest: " + e.getMessage(), e);
        }
        if (!takenOver) file.blank(slot());
        file.add(this);
        guest.dma().share(page, this);
        for (int offset = 0; offset < GuestMemory.PAGE; offset += 4) if (guest.dma().find(key(offset)) != null) file.announce(offset);
    }

    @Override
    public void changed(Guest who, int offset) { file.announce(offset); }

    /** A guest that has used more than its share is no reason to stop: its network loses frames. */
    @Override
    public void send(Guest from, int offset, int dma) {
        byte[] data = Delivery.load(from, dma);
        if (data == null) return;
        int result = held() ? Delivery.NOBODY : file.deliver(from, offset, data, false);
        if (result == Delivery.EMPTY) result = file.deliver(from, offset, data, true); // its interrupt has been raised: one chance to restock
        (result >= 0 ? from.counters().framesSent : from.counters().framesDropped).increment();
        if (result >= 0) DmaMessages.count(from, device, result, "to another guest: ");
        if (result >= 0 || result == Delivery.FAILED) from.memory().store32(Integer.toUnsignedLong(dma), Math.max(0, result));
    }

    /** What another guest sends to an offset of the page; answers as {@link Delivery} does. Any thread. */
    int take(int offset, byte[] data, boolean patient) {
        if (held() && guest.dma().find(key(offset)) != null) return Delivery.FAILED;
        int result = patient ? Delivery.storePatiently(guest, key(offset), data) : Delivery.store(guest, key(offset), data);
        if (result < 0) return result;
        guest.counters().framesReceived.increment();
        DmaMessages.count(guest, device, result, "from another guest: ");
        return result;
    }

    private boolean held() {
        Throttle t = device.throttle;
        return t != null && t.delay() > 0;
    }

    @Override
    public byte[] handOver() {
        handedOver = true;
        return ByteBuffer.allocate(4).putInt(slot()).array();
    }

    /** The place in the guest's features is the old one's, so that is the one to have; and its address is there, which it wrote for good. */
    @Override
    public void takeOver(byte[] state) {
        takenOver = true;
        int wanted = state.length == 4 ? ByteBuffer.wrap(state).getInt() : slot();
        if (wanted == slot()) return;
        try {
            FileLock again = file.reserve(wanted);
            if (again == null) guest.log().add("place " + wanted + " on " + file.path() + " is somebody else's by now");
            else {
                place.release();
                place = again;
            }
        } catch (IOException e) {
            guest.log().add("place " + wanted + " on " + file.path() + " cannot be had again: " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        try {
            leave();
        } catch (InternalError e) { // what MemorySegment throws when somebody has cut the file off
            guest.log().add(file.path() + " is not what it was: " + e.getMessage());
        } finally {
            release(place);
            release(number);
            left.run();
        }
    }

    private void leave() {
        if (device == null) return;
        guest.dma().share(device.config, null);
        file.remove(this);
        if (!handedOver) file.blank(slot());
    }

    private void release(FileLock lock) {
        try {
            lock.release();
        } catch (IOException e) {
            guest.log().add("a lock on " + file.path() + " cannot be released before the platform ends: " + e.getMessage());
        }
    }
}
