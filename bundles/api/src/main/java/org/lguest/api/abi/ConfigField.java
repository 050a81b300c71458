package org.lguest.api.abi;

import java.util.List;

/**
 * A field of a device's configuration that Linux 2.6.24 knows by a tag, and later kernels by its place (ABI section 11.1).
 *
 * @param tag     type of the field in a tagged descriptor
 * @param offset  of its bytes in the configuration of a flat descriptor
 * @param length  in bytes
 * @param feature feature bit without which it means nothing, or -1
 */
public record ConfigField(int tag, int offset, int length, int feature) {
    /** Tag of a virtqueue, for any device: u16 num, u16 irq, u32 pfn. */
    public static final int VIRTQUEUE = 2;
    /** Bytes of a virtqueue's field. */
    public static final int VIRTQUEUE_BYTES = 8;
    /** Set in a tag by the guest when it has read the field; the next search for the tag finds the next such field. */
    public static final int READ = 0x80;

    private static final List<ConfigField> BLOCK = List.of(
        new ConfigField(0x41, 0, 8, -1), new ConfigField(0x42, 8, 4, Virtio.BLK_F_SIZE_MAX), new ConfigField(0x43, 12, 4, Virtio.BLK_F_SEG_MAX));
    private static final List<ConfigField> NET = List.of(new ConfigField(0x41, 0, 6, Virtio.NET_F_MAC));

    /** The fields of a type of device, in their order: none for those that Linux 2.6.24 has no driver for. */
    public static List<ConfigField> of(DeviceType type) {
        if (type.equals(DeviceType.BLOCK)) return BLOCK;
        return type.equals(DeviceType.NET) ? NET : List.of();
    }

    /** Whether a device that offers these features and has so many bytes of configuration has the field. */
    public boolean present(long offered, int configBytes) {
        return offset + length <= configBytes && (feature < 0 || (offered >>> feature & 1) != 0);
    }
}
