package aperture.guest.blk;

/**
 * Feature bits of block devices that the driver knows.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Block Device", "Feature bits".
 */
final class BlkFeature {

  static final int SIZE_MAX = 1;
  static final int SEG_MAX = 2;
  static final int RO = 5;
  static final int BLK_SIZE = 6;
  static final int FLUSH = 9;
  static final int TOPOLOGY = 10;
  static final int CONFIG_WCE = 11;
  static final int MQ = 12;

  private BlkFeature() {}
}
