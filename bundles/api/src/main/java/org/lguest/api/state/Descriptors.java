package org.lguest.api.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.lguest.api.abi.ConfigField;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;

/**
 * D:020 How a device introduces itself. The drivers of a kernel know nothing of the machine but one page, and each device has a few
 * dozen bytes there, written in one of two forms (ABI section 11.1).
 *
 * <p>Linux 2.6.25 to 3.19 count. Everything has its place, and the driver says in a bitmap of its own which of the offered
 * features it takes:
 *
 * <pre>
 *  0 u8 type   1 u8 num_vq   2 u8 feature_len   3 u8 config_len   4 u8 status
 *  5 num_vq times {u16 num, u16 irq, u32 pfn}
 *    feature_len bytes offered, feature_len bytes accepted, config_len bytes of configuration
 * </pre>
 *
 * <p>Linux 2.6.24 searches. Behind a short head there are fields, each with a tag; the driver looks for those that it knows and
 * marks what it has read, which is how it finds the second queue behind the first:
 *
 * <pre>
 *  0 u8 type   1 u8 bytes of all fields   2 u8 status
 *  3 fields of {u8 tag, u8 length, length bytes}: the queues {u16 num, u16 irq, u32 pfn}, then the configuration's
 * </pre>
 */
final class Descriptors {
    private static final int FLAT_HEAD = 5, FLAT_STATUS = 4, TAGGED_HEAD = 3, TAGGED_STATUS = 2, FIELD_HEAD = 2;

    private Descriptors() { }

    /** The description as the guest finds it at first, but for the queues' content: {@link #state} fills that in. */
    static byte[] describe(Generation.Bus bus, DeviceType type, int queues, long offered, byte[] config) {
        return bus.tagged() ? tagged(type, queues, offered, config) : flat(type, queues, offered, config);
    }

    private static byte[] flat(DeviceType type, int queues, long offered, byte[] config) {
        int featureBytes = featureBytes(offered);
        ByteBuffer b = buffer(FLAT_HEAD + ConfigField.VIRTQUEUE_BYTES * queues + 2 * featureBytes + config.length);
        b.put((byte) type.id()).put(octet(queues, "queues")).put((byte) featureBytes).put(octet(config.length, "bytes of configuration"));
        b.position(FLAT_HEAD + ConfigField.VIRTQUEUE_BYTES * queues);
        for (int i = 0; i < featureBytes; i++) b.put((byte) (offered >>> 8 * i));
        b.position(b.position() + featureBytes);
        return b.put(config).array();
    }

    private static byte[] tagged(DeviceType type, int queues, long offered, byte[] config) {
        List<ConfigField> fields = ConfigField.of(type).stream().filter(f -> f.present(offered, config.length)).toList();
        int length = queues * (FIELD_HEAD + ConfigField.VIRTQUEUE_BYTES) + fields.stream().mapToInt(f -> FIELD_HEAD + f.length()).sum();
        ByteBuffer b = buffer(TAGGED_HEAD + length);
        b.put((byte) type.id()).put(octet(length, "bytes of fields"));
        b.position(TAGGED_HEAD);
        for (int i = 0; i < queues; i++)
            b.put((byte) ConfigField.VIRTQUEUE).put((byte) ConfigField.VIRTQUEUE_BYTES).position(b.position() + ConfigField.VIRTQUEUE_BYTES);
        for (ConfigField f : fields) b.put((byte) f.tag()).put((byte) f.length()).put(config, f.offset(), f.length());
        return b.array();
    }

    private static ByteBuffer buffer(int bytes) { return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN); }

    private static byte octet(int n, String what) {
        if (n > 255) throw new IllegalStateException("a descriptor cannot tell of " + n + " " + what);
        return (byte) n;
    }

    private static int featureBytes(long offered) { return (64 - Long.numberOfLeadingZeros(offered) + 7) / 8; }

    /** Writes the queues into a description in memory, and answers where everything is. */
    static DeviceState state(GuestMemory memory, Generation.Bus bus, int index, DeviceType type, String spec, long offered,
            List<VirtqueueState> queues, long at, int configBytes) {
        int head = bus.tagged() ? TAGGED_HEAD + FIELD_HEAD : FLAT_HEAD;
        int stride = bus.tagged() ? FIELD_HEAD + ConfigField.VIRTQUEUE_BYTES : ConfigField.VIRTQUEUE_BYTES;
        for (VirtqueueState q : queues) {
            long queue = at + head + (long) stride * q.index;
            memory.store16(queue, q.num);
            memory.store16(queue + 2, q.irq);
            memory.store32(queue + 4, (int) (q.ring >>> 12));
        }
        long behind = at + (bus.tagged() ? TAGGED_HEAD : FLAT_HEAD) + (long) stride * queues.size();
        if (bus.tagged()) return new DeviceState(index, type, spec, 0, queues, at, at + TAGGED_STATUS, behind, behind, 0, 0);
        int features = featureBytes(offered);
        return new DeviceState(index, type, spec, offered, queues, at, at + FLAT_STATUS, behind + features, behind + 2L * features, features, configBytes);
    }

    /** Takes the guest's marks off the fields of a tagged description. */
    static void unread(GuestMemory memory, DeviceState d) {
        long end = d.descriptor + TAGGED_HEAD + memory.load8(d.descriptor + 1);
        for (long at = d.descriptor + TAGGED_HEAD; at < end && memory.contains(at, FIELD_HEAD); at += FIELD_HEAD + memory.load8(at + 1))
            memory.store8(at, memory.load8(at) & ~ConfigField.READ);
    }
}
