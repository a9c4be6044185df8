package aperture.guest.bringup;

import aperture.virtio.VirtioTransport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads a device's configuration as one consistent whole. */
public final class DeviceConfig {

  /** A device that changes its configuration all the time is not waited for. */
  private static final int ATTEMPTS = 16;

  private DeviceConfig() {}

  /**
   * The first {@code size} bytes, little-endian; bytes that the device does not have read as zero,
   * so that a missing field is an absent one.
   */
  public static ByteBuffer read(VirtioTransport device, int size) {
    byte[] bytes = new byte[size];
    byte[] present = new byte[Math.min(size, device.configSize())];
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int generation = device.configGeneration();
      device.readConfig(0, present);
      if (device.configGeneration() == generation) {
        break;
      }
    }
    System.arraycopy(present, 0, bytes, 0, present.length);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
