package aperture.virtio;

import aperture.access.AddressSpace;

/**
 * How a driver stands with its device.
 *
 * @param kind the driver kind
 * @param state where it stands
 * @param accepted features accepted
 * @param addresses whose addresses it posts
 * @param reason why it is not bound, empty when it is
 */
public record DriverStatus(
    String kind, State state, FeatureSet accepted, AddressSpace addresses, String reason) {

  /** Where a driver stands. */
  public enum State {
    BOUND,
    /** The driver knows no register interface that the device has: it never saw the device. */
    UNMATCHED,
    /** The device refused FEATURES_OK. */
    REFUSED_BY_DEVICE,
    /** The driver will not drive the device as it is. */
    DECLINED,
    /** The device asked for a reset. */
    NEEDS_RESET,
    FAILED
  }
}
