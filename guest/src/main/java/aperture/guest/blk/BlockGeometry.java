package aperture.guest.blk;

import aperture.guest.bringup.DeviceConfig;
import aperture.virtio.DriverException;
import aperture.virtio.FeatureSet;
import aperture.virtio.IoPlan;
import aperture.virtio.VirtioTransport;
import java.nio.ByteBuffer;

/**
 * What a device says about itself, as far as the features accepted make it valid.
 *
 * @param bytes capacity in bytes
 * @param blockSize logical block size in bytes
 * @param mostSegments most data segments of a request
 * @param longestSegment most bytes of a segment
 * @param readOnly whether it cannot be written
 * @param flushes whether it has a volatile cache that a flush empties
 */
record BlockGeometry(
    long bytes,
    int blockSize,
    int mostSegments,
    int longestSegment,
    boolean readOnly,
    boolean flushes) {

  /** More data than this in one request is no plan but a mistake. */
  private static final int LARGEST_REQUEST = 16 << 20;

  static BlockGeometry read(VirtioTransport device, FeatureSet accepted) {
    ByteBuffer config = DeviceConfig.read(device, BlkConfigLayout.SIZE);
    int blockSize =
        accepted.has(BlkFeature.BLK_SIZE)
            ? config.getInt(BlkConfigLayout.BLK_SIZE)
            : BlkRequestLayout.SECTOR_BYTES;
    int segments = accepted.has(BlkFeature.SEG_MAX) ? config.getInt(BlkConfigLayout.SEG_MAX) : 1;
    int told = accepted.has(BlkFeature.SIZE_MAX) ? config.getInt(BlkConfigLayout.SIZE_MAX) : 0;
    // There are devices that offer the limit and leave it 0.
    int longest = told == 0 ? LARGEST_REQUEST : told;
    long sectors = config.getLong(BlkConfigLayout.CAPACITY);
    return new BlockGeometry(
        Math.clamp(sectors, 0, Long.MAX_VALUE / BlkRequestLayout.SECTOR_BYTES)
            * BlkRequestLayout.SECTOR_BYTES,
        Math.max(blockSize, BlkRequestLayout.SECTOR_BYTES),
        Math.max(segments, 1),
        Math.clamp(longest, 1, LARGEST_REQUEST),
        accepted.has(BlkFeature.RO),
        accepted.has(BlkFeature.FLUSH));
  }

  /** Number of queues that the device has. */
  static int queues(VirtioTransport device, FeatureSet accepted) {
    if (!accepted.has(BlkFeature.MQ)) {
      return 1;
    }
    int count =
        DeviceConfig.read(device, BlkConfigLayout.SIZE).getShort(BlkConfigLayout.NUM_QUEUES)
            & 0xffff;
    return Math.clamp(count, 1, Math.max(1, device.queues()));
  }

  /**
   * Refuses a plan that the device cannot carry out.
   *
   * @throws DriverException naming what does not fit
   */
  void check(IoPlan plan) throws DriverException {
    int block = plan.blockBytes();
    if (block <= 0 || block % blockSize != 0 || block > LARGEST_REQUEST) {
      throw new DriverException(
          "block size %d does not fit: take a multiple of %d up to %d"
              .formatted(block, blockSize, LARGEST_REQUEST));
    }
    if (plan.depth() < 1 || plan.requests() < 0) {
      throw new DriverException("depth is at least 1, and the number of requests not negative");
    }
    if (bytes == 0) {
      throw new DriverException("the device has no capacity");
    }
    if (readOnly && writes(plan.pattern())) {
      throw new DriverException(
          "the device is read-only, and %s writes: take SCAN or READ".formatted(plan.pattern()));
    }
  }

  static boolean writes(IoPlan.Pattern pattern) {
    return switch (pattern) {
      case SCAN, READ -> false;
      case VERIFY, REWRITE -> true;
    };
  }
}
