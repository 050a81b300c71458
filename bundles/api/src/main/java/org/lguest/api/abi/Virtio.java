package org.lguest.api.abi;

/** Numbers of virtio as the lguest bus has it (ABI sections 11.1 and 11.2; virtio 0.9.5). */
public final class Virtio {
    /** Device status bits, written by the guest. */
    public static final int ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FAILED = 0x80;
    /** Descriptor flags. */
    public static final int DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4;
    /** Flag of the available ring: the guest wants no interrupt. */
    public static final int AVAIL_NO_INTERRUPT = 1;
    /** Flag of the used ring: the Host wants no kick. */
    public static final int USED_NO_NOTIFY = 1;
    /** Feature bits of any device. */
    public static final int F_NOTIFY_ON_EMPTY = 24, F_ANY_LAYOUT = 27, F_INDIRECT_DESC = 28;
    /** Feature bits of block devices. */
    public static final int BLK_F_BARRIER = 0, BLK_F_SIZE_MAX = 1, BLK_F_SEG_MAX = 2, BLK_F_GEOMETRY = 4, BLK_F_RO = 5, BLK_F_BLK_SIZE = 6, BLK_F_FLUSH = 9;
    /** Feature bit of network devices: the configuration has the address of the card. */
    public static final int NET_F_MAC = 5;
    /** Request types of block devices. */
    public static final int BLK_T_IN = 0, BLK_T_OUT = 1, BLK_T_SCSI = 2, BLK_T_FLUSH = 4, BLK_T_GET_ID = 8, BLK_T_BARRIER = 0x80000000;
    /** Status bytes of block devices. */
    public static final int BLK_S_OK = 0, BLK_S_IOERR = 1, BLK_S_UNSUPP = 2;
    /** Ring entries from 2.6.27, and before. */
    public static final int QUEUE_SIZE = 256, OLD_QUEUE_SIZE = 128;

    private Virtio() { }
}
