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
    /** Feature bit of consoles: the configuration has the size of the screen, u16 columns and u16 rows. */
    public static final int CONSOLE_F_SIZE = 0;
    /** Feature bits of block devices. */
    public static final int BLK_F_BARRIER = 0, BLK_F_SIZE_MAX = 1, BLK_F_SEG_MAX = 2, BLK_F_GEOMETRY = 4, BLK_F_RO = 5, BLK_F_BLK_SIZE = 6, BLK_F_FLUSH = 9;
    /** Request types of block devices. */
    public static final int BLK_T_IN = 0, BLK_T_OUT = 1, BLK_T_SCSI = 2, BLK_T_FLUSH = 4, BLK_T_GET_ID = 8, BLK_T_BARRIER = 0x80000000;
    /** Status bytes of block devices. */
    public static final int BLK_S_OK = 0, BLK_S_IOERR = 1, BLK_S_UNSUPP = 2;
    /** Feature bits of network devices: what the guest may leave to the Host ({@code HOST_}) and what it takes ({@code GUEST_}). */
    public static final int NET_F_CSUM = 0, NET_F_GUEST_CSUM = 1, NET_F_MAC = 5, NET_F_GUEST_TSO4 = 7, NET_F_GUEST_TSO6 = 8, NET_F_GUEST_ECN = 9,
        NET_F_HOST_TSO4 = 11, NET_F_HOST_TSO6 = 12, NET_F_HOST_ECN = 13, NET_F_MRG_RXBUF = 15, NET_F_STATUS = 16;
    /** Bit of a network device's status: the cable is plugged in. */
    public static final int NET_S_LINK_UP = 1;
    /** Flags in the header before a frame: the checksum is to be finished; the checksum has been checked. */
    public static final int NET_HDR_NEEDS_CSUM = 1, NET_HDR_DATA_VALID = 2;
    /** Kinds of large segments in the header before a frame; {@code ECN} is a bit beside the TCP kinds. */
    public static final int NET_HDR_GSO_NONE = 0, NET_HDR_GSO_TCPV4 = 1, NET_HDR_GSO_UDP = 3, NET_HDR_GSO_TCPV6 = 4, NET_HDR_GSO_ECN = 0x80;
    /** Ring entries from 2.6.27, and before. */
    public static final int QUEUE_SIZE = 256, OLD_QUEUE_SIZE = 128;

    private Virtio() { }
}
