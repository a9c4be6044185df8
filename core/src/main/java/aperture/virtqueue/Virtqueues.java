package aperture.virtqueue;

import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.DriverDma;

/** Makes live queue halves. */
public final class Virtqueues {

  /** Largest chain that a device half accepts, in elements. */
  public static final int MAX_ELEMENTS = 1024;

  private Virtqueues() {}

  /**
   * The device half of a split queue, at position 0.
   *
   * @param config enabled, with a power-of-two size and aligned addresses
   * @param session the worker's session; the rings are translated in the first batch
   * @throws QueueConfigurationException naming the field that is wrong
   */
  public static DeviceQueue splitDevice(
      VirtqueueConfig config, DmaSession session, RingFeatures features)
      throws QueueConfigurationException {
    return SplitDeviceQueue.activate(config, session, features);
  }

  /**
   * Where the areas of a queue lie that is in one piece, as the legacy interface has it.
   *
   * @param size entries
   * @param base of the descriptor table; a multiple of {@code align}
   * @param align of the used ring
   */
  public static QueueAddresses legacyAddresses(int size, long base, int align) {
    long available = base + SplitRingLayout.tableBytes(size);
    return new QueueAddresses(base, available, base + SplitRingLayout.usedAt(size, align));
  }

  /**
   * The driver half of a split queue in one piece, as the legacy interface has it.
   *
   * @param align of the used ring, and of the whole: at most a page
   * @throws DmaException when the guest's memory or address space is used up
   */
  public static DriverQueue legacyDriver(int size, DriverDma dma, RingFeatures features, int align)
      throws DmaException {
    return SplitDriverQueue.create(size, dma, features, align);
  }

  /**
   * The driver half of a split queue, with rings allocated through the driver face.
   *
   * @param size a power of two up to {@link VirtqueueConfig#MAX_SIZE}
   * @throws DmaException when the guest's memory or address space is used up
   */
  public static DriverQueue splitDriver(int size, DriverDma dma, RingFeatures features)
      throws DmaException {
    return SplitDriverQueue.create(size, dma, features, SplitRingLayout.USED_ALIGN);
  }
}
