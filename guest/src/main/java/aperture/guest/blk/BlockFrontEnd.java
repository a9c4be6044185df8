package aperture.guest.blk;

import aperture.guest.bringup.FrontEnd;
import aperture.guest.bringup.LiveDevice;
import aperture.guest.io.PumpedJob;
import aperture.virtio.DriverException;
import aperture.virtio.FeatureSet;
import aperture.virtio.IoPlan;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.DriverQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Drives block devices. */
public final class BlockFrontEnd implements FrontEnd {

  private static final FeatureSet KNOWS =
      FeatureSet.of(
          BlkFeature.SIZE_MAX,
          BlkFeature.SEG_MAX,
          BlkFeature.RO,
          BlkFeature.BLK_SIZE,
          BlkFeature.FLUSH,
          BlkFeature.TOPOLOGY,
          BlkFeature.CONFIG_WCE,
          BlkFeature.MQ);

  @Override
  public FeatureSet knows() {
    return KNOWS;
  }

  @Override
  public int queues(VirtioTransport device, FeatureSet accepted) {
    return BlockGeometry.queues(device, accepted);
  }

  @Override
  public PumpedJob start(LiveDevice device, IoPlan plan) throws DriverException {
    BlockGeometry geometry = BlockGeometry.read(device.transport(), device.accepted());
    geometry.check(plan);
    List<DriverQueue> queues = device.queues();
    BlockSpan span = new BlockSpan(geometry.bytes(), plan.blockBytes(), queues.size());
    AtomicReference<Runnable> wakeAll = new AtomicReference<>(() -> {});
    int slots = queues.stream().mapToInt(queue -> depth(plan, queue)).sum();
    OrderedDigest digest = new OrderedDigest(span, slots, () -> wakeAll.get().run());
    List<BlockRequests> sources = new ArrayList<>();
    try {
      for (int i = 0; i < queues.size(); i++) {
        sources.add(
            BlockRequests.allocate(
                device.dma(),
                geometry,
                depth(plan, queues.get(i)),
                plan.blockBytes(),
                pattern(plan, span, i, digest)));
      }
    } catch (DriverException e) {
      sources.forEach(BlockRequests::close);
      throw e;
    }
    Supplier<Optional<String>> result =
        plan.pattern() == IoPlan.Pattern.SCAN ? digest::result : Optional::empty;
    PumpedJob job = new PumpedJob(device.name(), plan, device.transport(), queues, sources, result);
    wakeAll.set(job::wakeAll);
    return job;
  }

  /** No more than the ring has room for. */
  private static int depth(IoPlan plan, DriverQueue queue) {
    return Math.min(plan.depth(), queue.size());
  }

  private static BlockPattern pattern(
      IoPlan plan, BlockSpan span, int queue, OrderedDigest digest) {
    return switch (plan.pattern()) {
      case SCAN -> new ScanPattern(span, digest);
      case READ -> new ReadPattern(span, queue, plan.seed());
      case VERIFY -> new VerifyPattern(span, queue, plan.seed());
      case REWRITE -> new RewritePattern(span, queue);
    };
  }
}
