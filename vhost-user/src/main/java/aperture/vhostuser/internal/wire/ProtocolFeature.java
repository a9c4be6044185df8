package aperture.vhostuser.internal.wire;

/**
 * Protocol features of vhost-user: what the two processes agree upon, beside what device and driver
 * negotiate. Front ends use every bit that they know of what is offered, so that only what is
 * implemented with exactly this meaning may be offered.
 *
 * <p>Vhost-user Protocol, section "Protocol features".
 */
public enum ProtocolFeature {
  MQ(0, "several queues", true),
  LOG_SHMFD(1, "dirty log in shared memory, for migration", true),
  RARP(2, "announce the network address after migration", false),
  REPLY_ACK(3, "acknowledgement on demand", true),
  NET_MTU(4, "the front end tells the MTU", false),
  BACKEND_REQ(5, "a second socket for the back end's requests", true),
  CROSS_ENDIAN(6, "byte order of legacy rings", false),
  CRYPTO_SESSION(7, "crypto sessions", false),
  PAGEFAULT(8, "postcopy migration", false),
  CONFIG(9, "the device's configuration space", true),
  BACKEND_SEND_FD(10, "descriptors with the back end's requests", false),
  HOST_NOTIFIER(11, "doorbell pages mapped into the guest", false),
  INFLIGHT_SHMFD(12, "requests in flight recorded in shared memory", true),
  RESET_DEVICE(13, "device reset without a new connection", true),
  INBAND_NOTIFICATIONS(14, "notifications as messages", false),
  CONFIGURE_MEM_SLOTS(15, "memory regions added and removed one by one", true),
  STATUS(16, "the device status is told", true),
  XEN_MMAP(17, "memory by Xen grants", false),
  SHARED_OBJECT(18, "objects shared between devices", false),
  DEVICE_STATE(19, "device state for migration", false),
  GET_VRING_BASE_INFLIGHT(20, "a queue stops with requests in flight", false),
  GPA_ADDRESSES(21, "guest addresses instead of front-end addresses", false),
  SHMEM(22, "shared memory regions of the device", false);

  private final int bit;
  private final String meaning;
  private final boolean offered;

  ProtocolFeature(int bit, String meaning, boolean offered) {
    this.bit = bit;
    this.meaning = meaning;
    this.offered = offered;
  }

  public int bit() {
    return bit;
  }

  public long mask() {
    return 1L << bit;
  }

  public String meaning() {
    return meaning;
  }

  /** Whether this back end implements it. */
  public boolean offered() {
    return offered;
  }
}
