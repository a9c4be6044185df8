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
   * The driver half of a split queue, with rings allocated through the driver face.
   *
   * @param size a power of two up to {@link VirtqueueConfig#MAX_SIZE}
   * @throws DmaException when the guest's memory or address space is used up
   */
  public static DriverQueue splitDriver(int size, DriverDma dma, RingFeatures features)
      throws DmaException {
    return SplitDriverQueue.create(size, dma, features);
  }
}
