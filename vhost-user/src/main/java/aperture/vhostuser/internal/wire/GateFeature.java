package aperture.vhostuser.internal.wire;

import aperture.virtio.Feature;

/** Feature bits of the device that decide whether a message is legal. */
public enum GateFeature {
  NONE(-1),
  /** Bit 30, which is vhost-user's own and never reaches the driver. */
  PROTOCOL_FEATURES(30),
  ACCESS_PLATFORM(Feature.ACCESS_PLATFORM.bit());

  private final int bit;

  GateFeature(int bit) {
    this.bit = bit;
  }

  /** The bit, -1 for none. */
  public int bit() {
    return bit;
  }

  /** Whether a set of feature bits opens the gate. */
  public boolean openedBy(long features) {
    return bit < 0 || (features >>> bit & 1) != 0;
  }
}
