package aperture.guest.rng;

import aperture.guest.bringup.FrontEnd;
import aperture.guest.bringup.LiveDevice;
import aperture.guest.io.PumpedJob;
import aperture.virtio.DriverException;
import aperture.virtio.FeatureSet;
import aperture.virtio.IoPlan;
import aperture.virtio.VirtioTransport;
import java.util.List;
import java.util.Optional;

/** Drives entropy devices. */
public final class EntropyFrontEnd implements FrontEnd {

  private static final int LARGEST_REQUEST = 1 << 20;

  @Override
  public FeatureSet knows() {
    return FeatureSet.NONE;
  }

  @Override
  public int queues(VirtioTransport device, FeatureSet accepted) {
    return 1;
  }

  @Override
  public PumpedJob start(LiveDevice device, IoPlan plan) throws DriverException {
    if (plan.pattern() != IoPlan.Pattern.READ) {
      throw new DriverException(
          "%s is not possible on an entropy device: take READ".formatted(plan.pattern()));
    }
    if (plan.blockBytes() < 1 || plan.blockBytes() > LARGEST_REQUEST) {
      throw new DriverException(
          "block size %d does not fit: take 1 to %d".formatted(plan.blockBytes(), LARGEST_REQUEST));
    }
    if (plan.depth() < 1 || plan.requests() < 0) {
      throw new DriverException("depth is at least 1, and the number of requests not negative");
    }
    int depth = Math.min(plan.depth(), device.queues().getFirst().size());
    EntropyRequests requests = EntropyRequests.allocate(device.dma(), depth, plan.blockBytes());
    return new PumpedJob(
        device.name(),
        plan,
        device.transport(),
        device.queues(),
        List.of(requests),
        Optional::empty);
  }
}
