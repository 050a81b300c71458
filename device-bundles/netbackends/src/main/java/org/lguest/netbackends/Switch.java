package org.lguest.netbackends;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.lguest.api.Guest;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.NetBackend;

/**
 * D:520 A learning switch for the Guests of this runtime. It notes behind which port it hears an address, sends what is meant for that
 * address there, and to all ports what is meant for all, or for somebody who was not heard yet. The sender's thread does the work: it
 * puts the packet into the queue of the receiving port and wakes the card there. Packets stay as they are, large segments and
 * unfinished checksums included; what a card's driver cannot take its device makes fit.
 *
 * <p>A port whose Guest does not take its frames loses them, and counts them, and nobody else waits for it. What waits outlives
 * the bundle, and nothing else has to: cards that are plugged in again introduce themselves by talking.
 */
final class Switch {
    private static final long TAKES = bits(Virtio.NET_F_CSUM, Virtio.NET_F_HOST_TSO4, Virtio.NET_F_HOST_TSO6, Virtio.NET_F_HOST_ECN);
    private static final long GIVES = bits(Virtio.NET_F_GUEST_CSUM, Virtio.NET_F_GUEST_TSO4, Virtio.NET_F_GUEST_TSO6, Virtio.NET_F_GUEST_ECN);
    private static final long GROUP = 1L << 40;
    private static final int ADDRESSES = 12;

    private final String name;
    private final Consumer<Switch> emptied;
    private final List<Port> ports = new CopyOnWriteArrayList<>();
    private final AddressTable<Port> addresses;

    /** A switch without anybody; {@code emptied} hears of every port that leaves. */
    Switch(String name, LongSupplier nanos, Consumer<Switch> emptied) {
        this.name = name;
        this.emptied = emptied;
        addresses = new AddressTable<>(nanos);
    }

    private static long bits(int... features) { return Arrays.stream(features).mapToLong(f -> 1L << f).sum(); }

    String name() { return name; }

    List<Port> ports() { return ports; }

    /** A new port for a guest. */
    Port plug(Guest guest) {
        Port p = new Port(guest);
        ports.add(p);
        return p;
    }

    /** Six bytes as a number, the first byte highest. */
    private static long address(byte[] b, int at) {
        long a = 0;
        for (int i = 0; i < 6; i++) a = a << 8 | b[at + i] & 0xFF;
        return a;
    }

    private void forward(Port from, byte[] packet, int length) {
        long to = address(packet, NetBackend.HEADER);
        long sender = address(packet, NetBackend.HEADER + 6);
        if ((sender & GROUP) == 0) addresses.learn(sender, from);
        Port known = (to & GROUP) == 0 ? addresses.find(to) : null;
        if (known == from) return; // both are behind the same port, and have met there
        byte[] copy = Arrays.copyOf(packet, length);
        if (known != null) known.deliver(copy);
        else for (Port p : ports) if (p != from) p.deliver(copy);
    }

    /** One card's place. */
    final class Port implements NetBackend {
        private final Guest guest;
        private final PacketQueue queue = new PacketQueue();
        private final LongAdder dropped = new LongAdder();
        private volatile Runnable wake = () -> { };

        private Port(Guest guest) { this.guest = guest; }

        @Override
        public long offloads() { return TAKES | GIVES; }

        @Override
        public boolean send(byte[] packet, int length) {
            if (length < HEADER + ADDRESSES) drop(1);
            else forward(this, packet, length);
            return true;
        }

        private void deliver(byte[] packet) {
            switch (queue.add(packet)) {
                case FIRST -> wake.run();
                case QUEUED -> { } // woken when the first one came
                case FULL -> drop(1);
            }
        }

        private void drop(int packets) {
            dropped.add(packets);
            guest.counters().framesDropped.add(packets);
        }

        @Override
        public int receive(byte[] to) { return queue.poll(to); }

        @Override
        public void onReady(Runnable wake) {
            this.wake = wake;
            wake.run();
        }

        @Override
        public byte[] handOver() { return queue.handOver(); }

        @Override
        public void takeOver(byte[] state) { queue.takeOver(state); }

        @Override
        public String describe() {
            return "switch " + name + ", " + ports.size() + (ports.size() == 1 ? " port" : " ports") + ", " + addresses.size() + " addresses known, "
                + dropped.sum() + " dropped";
        }

        @Override
        public void close() {
            if (!ports.remove(this)) return;
            addresses.forget(this);
            drop(queue.close());
            emptied.accept(Switch.this);
        }
    }
}
