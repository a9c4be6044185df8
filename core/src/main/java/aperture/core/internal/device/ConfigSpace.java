package aperture.core.internal.device;

import aperture.virtio.VirtioDevice;
import java.util.Arrays;

/**
 * A device's configuration space as its driver reads it. Guarded by the lock of the device.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Device Configuration Space": the generation
 * must differ once a driver has read a value that changed since anything was last read.
 */
public final class ConfigSpace {

  private static final byte ALL_ONES = (byte) 0xff;
  private static final int GENERATION_MASK = 0xff;

  private final VirtioDevice device;
  private byte[] seen = {};
  private int generation;

  public ConfigSpace(VirtioDevice device) {
    this.device = device;
  }

  int size() {
    return device.config().length;
  }

  int generation() {
    look();
    return generation;
  }

  /** Every look moves the generation when something changed since the look before. */
  private byte[] look() {
    byte[] now = device.config();
    if (!Arrays.equals(now, seen)) {
      seen = now.clone();
      generation = (generation + 1) & GENERATION_MASK;
    }
    return now;
  }

  void read(int offset, byte[] target) {
    byte[] now = look();
    for (int i = 0; i < target.length; i++) {
      long at = (long) offset + i;
      target[i] = at >= 0 && at < now.length ? now[(int) at] : ALL_ONES;
    }
  }

  /** Bytes outside of it are ignored. */
  public void write(int offset, byte[] source) {
    int size = size();
    for (int i = 0; i < source.length; i++) {
      long at = (long) offset + i;
      if (at >= 0 && at < size) {
        device.writeConfig((int) at, source[i]);
      }
    }
  }
}
