package aperture.guest.bringup;

import aperture.access.AddressSpace;
import aperture.virtio.DriverStatus;
import aperture.virtio.FeatureSet;

/** How bringing a device up ended. */
public sealed interface BringUpOutcome {

  /** Features accepted. */
  FeatureSet accepted();

  /** Whose addresses are posted, or would be. */
  AddressSpace addresses();

  /**
   * The device is live.
   *
   * @param device what came up
   */
  record Live(LiveDevice device) implements BringUpOutcome {
    @Override
    public FeatureSet accepted() {
      return device.accepted();
    }

    @Override
    public AddressSpace addresses() {
      return device.dma().space();
    }
  }

  /**
   * The device is not live; FAILED is set in its status, and no memory is shared with it.
   *
   * @param state who stands in the way
   * @param reason for people
   */
  record Down(DriverStatus.State state, FeatureSet accepted, AddressSpace addresses, String reason)
      implements BringUpOutcome {}
}
