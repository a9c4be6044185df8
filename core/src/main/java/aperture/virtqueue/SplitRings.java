package aperture.virtqueue;

import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.memory.GuestMemory;
import aperture.virtqueue.QueueFault.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The three areas of a split queue as the device half reaches them: translated in the first batch,
 * and again in the first batch after translations may have changed.
 */
final class SplitRings {

  final RingArea descriptors;
  final RingArea available;
  final RingArea used;

  private final DmaSession session;
  private final QueueAddresses addresses;
  private final int size;
  private final boolean eventIndex;
  private boolean located;
  private long locatedAt;
  private @Nullable QueueFault fault;

  SplitRings(DmaSession session, QueueAddresses addresses, int size, boolean eventIndex) {
    GuestMemory memory = session.memory();
    this.descriptors = new RingArea(memory);
    this.available = new RingArea(memory);
    this.used = new RingArea(memory);
    this.session = session;
    this.addresses = addresses;
    this.size = size;
    this.eventIndex = eventIndex;
  }

  /**
   * Why a queue of this size at these addresses cannot be.
   *
   * @throws QueueConfigurationException naming the field that is wrong
   */
  static void require(int size, int maxSize, QueueAddresses addresses)
      throws QueueConfigurationException {
    if (size < 1 || size > maxSize || Integer.bitCount(size) != 1) {
      throw new QueueConfigurationException(
          "size %d is not a power of two up to %d".formatted(size, maxSize));
    }
    requireAligned("descriptor table", addresses.descriptors(), SplitRingLayout.DESCRIPTOR_ALIGN);
    requireAligned("available ring", addresses.driver(), SplitRingLayout.AVAILABLE_ALIGN);
    requireAligned("used ring", addresses.device(), SplitRingLayout.USED_ALIGN);
    if ((addresses.descriptors() | addresses.driver() | addresses.device()) == 0) {
      throw new QueueConfigurationException("no area has an address");
    }
  }

  private static void requireAligned(String area, long address, int alignment)
      throws QueueConfigurationException {
    if ((address & (alignment - 1)) != 0) {
      throw new QueueConfigurationException(
          "%s at 0x%x is not aligned to %d".formatted(area, address, alignment));
    }
  }

  /** Whether what the device reads lies in one piece each in the host. */
  boolean together() {
    return descriptors.together() && available.together();
  }

  /** Whether the areas have been found at least once. */
  boolean known() {
    return located;
  }

  /** For the beginning of a batch: one flag read when nothing moved. */
  TranslateStatus refresh() {
    return located && session.generation() == locatedAt ? TranslateStatus.OK : locate();
  }

  /** Why {@link #refresh} returned FAULT. */
  @Nullable QueueFault fault() {
    return fault;
  }

  private TranslateStatus locate() {
    // Read before translating: a change in between makes the next batch translate again.
    long generation = session.generation();
    located = false;
    TranslateStatus status =
        locate(
            descriptors,
            addresses.descriptors(),
            SplitRingLayout.tableBytes(size),
            Access.READ,
            SplitRingLayout.DESCRIPTOR_ALIGN);
    if (status == TranslateStatus.OK) {
      status =
          locate(
              available,
              addresses.driver(),
              SplitRingLayout.availableBytes(size, eventIndex),
              Access.READ,
              SplitRingLayout.AVAILABLE_ALIGN);
    }
    if (status == TranslateStatus.OK) {
      status =
          locate(
              used,
              addresses.device(),
              SplitRingLayout.usedBytes(size, eventIndex),
              Access.WRITE,
              SplitRingLayout.USED_ALIGN);
    }
    if (status == TranslateStatus.OK) {
      located = true;
      locatedAt = generation;
    }
    return status;
  }

  private TranslateStatus locate(
      RingArea area, long address, int bytes, Access access, int alignment) {
    TranslateStatus status = session.translate(address, bytes, access, area.relocate());
    if (status == TranslateStatus.FAULT) {
      fault = QueueFaults.untranslated(Kind.RING_TRANSLATION, -1, -1, session);
    } else if (status == TranslateStatus.OK && !area.located(address, alignment)) {
      fault =
          QueueFault.of(
              Kind.RING_TRANSLATION, -1, -1, "0x%x loses its alignment".formatted(address));
      return TranslateStatus.FAULT;
    }
    return status;
  }
}
