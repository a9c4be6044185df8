package aperture.vhostuser.internal.wire;

import java.nio.ByteBuffer;

/** The kinds of payload: which sizes one may have, and which content contradicts itself. */
public enum Payload {
  NONE("none", 0),
  U64("number", Long.BYTES),
  VRING_STATE("queue state", VringLayout.STATE_LENGTH),
  VRING_ADDRESS("queue addresses", VringLayout.ADDRESS_LENGTH),
  VRING_FILE("queue descriptor", VringLayout.FILE_LENGTH),
  VRING_AREA("doorbell area", VringLayout.AREA_LENGTH),
  MEMORY_TABLE(
      "memory table",
      RegionLayout.TABLE_HEADER,
      RegionLayout.TABLE_HEADER + RegionLayout.MAX_REGIONS * RegionLayout.LENGTH,
      RegionLayout.LENGTH),
  SINGLE_REGION("memory region", RegionLayout.SINGLE_LENGTH),
  LOG("log area", LogLayout.LENGTH),
  IOTLB("IOTLB message", IotlbLayout.LENGTH),
  CONFIG("configuration", ConfigLayout.HEADER, ConfigLayout.HEADER + ConfigLayout.MAX_BYTES, 1),
  INFLIGHT(
      "in-flight area",
      InflightLayout.PACKED_LENGTH,
      InflightLayout.LENGTH,
      InflightLayout.LENGTH - InflightLayout.PACKED_LENGTH),
  DEVICE_STATE("device state transfer", 8),
  UUID("object id", 16),
  /** A structure of the front end that is read over, so that the next message is found. */
  OPAQUE("opaque", 0, HeaderLayout.MAX_PAYLOAD, 1);

  private final String words;
  private final int min;
  private final int max;
  private final int step;

  Payload(String words, int size) {
    this(words, size, size, 1);
  }

  Payload(String words, int min, int max, int step) {
    this.words = words;
    this.min = min;
    this.max = max;
    this.step = step;
  }

  /** For the protocol page. */
  public String words() {
    return words;
  }

  public int min() {
    return min;
  }

  public int max() {
    return max;
  }

  /** Sizes between {@link #min} and {@link #max} are this far apart. */
  public int step() {
    return step;
  }

  /** Whether a payload of this kind can have so many bytes. */
  public boolean takes(int size) {
    return size >= min && size <= max && (size - min) % step == 0;
  }

  /**
   * Refuses content that contradicts its own size or the descriptors that came along.
   *
   * @param payload of a size that {@link #takes}
   */
  void check(ByteBuffer payload, int fds) throws ProtocolException {
    switch (this) {
      case MEMORY_TABLE -> MemoryTable.check(payload, fds);
      case VRING_FILE -> VringFile.check(payload, fds);
      case VRING_AREA -> VringArea.check(payload, fds);
      case CONFIG -> ConfigMessage.check(payload);
      case IOTLB -> IotlbMessage.check(payload);
      default -> {}
    }
  }
}
