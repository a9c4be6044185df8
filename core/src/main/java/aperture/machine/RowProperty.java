package aperture.machine;

/** Names of row properties that core and the device types understand. */
public final class RowProperty {

  /** Default queue size of block devices, decimal. */
  public static final String BLK_QUEUE_SIZE = "blk.queue-size";

  /** Whether block devices offer discard: {@code on} or {@code off}. */
  public static final String BLK_DISCARD = "blk.discard";

  /** Whether block devices offer write-zeroes: {@code on} or {@code off}. */
  public static final String BLK_WRITE_ZEROES = "blk.write-zeroes";

  /** Default number of block queues, decimal. */
  public static final String BLK_QUEUES = "blk.num-queues";

  /** Requester id of the first device, decimal; the next ones follow by whole device numbers. */
  public static final String FIRST_REQUESTER_ID = "pci.first-requester-id";

  private RowProperty() {}
}
