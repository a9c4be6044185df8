package aperture.virtio;

import java.util.Arrays;
import java.util.Optional;

/**
 * Feature bits that belong to the transport and the queues. Device types number their own in 0 to
 * 23 and from 50.
 */
public enum Feature {
  NOTIFY_ON_EMPTY(24, "legacy: notify when the ring runs empty"),
  ANY_LAYOUT(27, "legacy: any framing of requests"),
  INDIRECT_DESC(28, "indirect descriptor tables"),
  EVENT_IDX(29, "event index: notify at a stated position"),
  VERSION_1(32, "conforms to version 1 or later"),
  ACCESS_PLATFORM(33, "addresses are those of the platform's DMA, through its IOMMU"),
  RING_PACKED(34, "packed ring"),
  IN_ORDER(35, "buffers are used in order"),
  ORDER_PLATFORM(36, "barriers as for real devices"),
  SR_IOV(37, "single-root I/O virtualization"),
  NOTIFICATION_DATA(38, "notifications carry the ring position"),
  NOTIF_CONFIG_DATA(39, "notifications carry a device-chosen value"),
  RING_RESET(40, "single queues can be reset"),
  ADMIN_VQ(41, "administration queue"),
  SUSPEND(43, "the device can be suspended");

  private final int bit;
  private final String meaning;

  Feature(int bit, String meaning) {
    this.bit = bit;
    this.meaning = meaning;
  }

  /** The feature of a bit; empty when it is a device type's own, or nobody's. */
  public static Optional<Feature> of(int bit) {
    return Arrays.stream(values()).filter(feature -> feature.bit == bit).findFirst();
  }

  public int bit() {
    return bit;
  }

  public String meaning() {
    return meaning;
  }
}
