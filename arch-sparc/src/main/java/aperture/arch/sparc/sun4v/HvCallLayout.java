package aperture.arch.sparc.sun4v;

/**
 * The numbers and arguments of the calls. The number is in %o5, arguments are in %o0 to %o4, the
 * status comes back in %o0 and results in %o1 and following; all have 64 bits.
 *
 * <pre>
 *   call              number  %o1         %o2          %o3         %o4    results
 *   iommu map         0xb0    tsbid       entries      attributes  list   entries mapped
 *   iommu demap       0xb1    tsbid       entries                         entries unmapped
 *   iommu getmap      0xb2    tsbid                                       attributes, address
 *   iommu getbypass   0xb3    address     attributes                      I/O address
 *   dma sync          0xb8    address     bytes        direction          bytes synced
 *   iotsb conf        0x190   address     bytes        page size   iova   handle
 *   iotsb info        0x191   handle                                      address, bytes, page size,
 *                                                                         iova, devices bound
 *   iotsb unconf      0x192   handle
 *   iotsb bind        0x193   handle      device
 *   iotsb unbind      0x194   handle      device
 *   iotsb get binding 0x195   device      iova                            handle
 *   iotsb map         0x196   handle      count,index  attributes  list   entries mapped
 *   iotsb map one     0x197   handle      index        attributes  address
 *   iotsb demap       0x198   handle      index        entries            entries unmapped
 *   iotsb getmap      0x199   handle      index                           address, attributes
 *   iotsb sync        0x19a   handle      index        entries            entries synced
 *
 *   tsbid        63          32 31           0      count,index  63    48 47          0
 *                +--------------+-------------+                  +--------+------------+
 *                |  tsb number  |    index    |                  | count  |   index    |
 *                +--------------+-------------+                  +--------+------------+
 *   device       23      16 15      11 10   8 7    0
 *                +---------+----------+------+------+
 *                |   bus   |  device  | func |  0   |
 *                +---------+----------+------+------+
 * </pre>
 *
 * <p>%o0 is the handle of the root complex always. A list holds real addresses, 8 bytes each. Which
 * argument of "get binding" is the device is not quite certain from its description.
 *
 * <p>Source: Linux 6.1, arch/sparc/include/asm/hypervisor.h, HV_FAST_PCI_*.
 */
final class HvCallLayout {

  static final int MAP = 0xb0;
  static final int DEMAP = 0xb1;
  static final int GETMAP = 0xb2;
  static final int GETBYPASS = 0xb3;
  static final int DMA_SYNC = 0xb8;
  static final int IOTSB_CONF = 0x190;
  static final int IOTSB_INFO = 0x191;
  static final int IOTSB_UNCONF = 0x192;
  static final int IOTSB_BIND = 0x193;
  static final int IOTSB_UNBIND = 0x194;
  static final int IOTSB_GET_BINDING = 0x195;
  static final int IOTSB_MAP = 0x196;
  static final int IOTSB_MAP_ONE = 0x197;
  static final int IOTSB_DEMAP = 0x198;
  static final int IOTSB_GETMAP = 0x199;
  static final int IOTSB_SYNC = 0x19a;

  /** Groups that a guest registers for before it calls. */
  static final int GROUP_PCI = 0x100;

  static final int GROUP_ATU = 0x111;

  /** Places of %o0 to %o5 in a register file that begins with %o0. */
  static final int O0 = 0;

  static final int O1 = 1;
  static final int O2 = 2;
  static final int O3 = 3;
  static final int O4 = 4;
  static final int O5 = 5;
  static final int REGISTERS = 6;

  static final int ADDRESS_BYTES = 8;

  /** Entries that one call maps at most; a guest calls again for the rest. */
  static final int BATCH = 1024;

  static final long TO_DEVICE = 1;
  static final long TO_CPU = 2;

  private static final int NUMBER_SHIFT = 32;
  private static final long INDEX_32 = 0xffff_ffffL;
  private static final int COUNT_SHIFT = 48;
  private static final long INDEX_48 = (1L << COUNT_SHIFT) - 1;
  private static final int DEVICE_SHIFT = 8;
  private static final long REQUESTER_MASK = 0xffff;

  private HvCallLayout() {}

  static long tsbNumber(long tsbid) {
    return tsbid >>> NUMBER_SHIFT;
  }

  static long tsbIndex(long tsbid) {
    return tsbid & INDEX_32;
  }

  static long count(long countAndIndex) {
    return countAndIndex >>> COUNT_SHIFT;
  }

  static long index(long countAndIndex) {
    return countAndIndex & INDEX_48;
  }

  static long countAndIndex(long count, long index) {
    return count << COUNT_SHIFT | index;
  }

  /** A device as a call names it. */
  static long device(int requesterId) {
    return (requesterId & REQUESTER_MASK) << DEVICE_SHIFT;
  }

  static boolean isDevice(long device) {
    return (device & ~(REQUESTER_MASK << DEVICE_SHIFT)) == 0;
  }

  static int requester(long device) {
    return (int) (device >>> DEVICE_SHIFT & REQUESTER_MASK);
  }
}
