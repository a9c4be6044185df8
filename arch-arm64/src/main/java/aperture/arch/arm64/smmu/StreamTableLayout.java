package aperture.arch.arm64.smmu;

/**
 * The stream table: its registers and the first-level descriptor of the two-level form.
 *
 * <pre>
 *   STRTAB_BASE      RA 62 | ADDR 51:6
 *   STRTAB_BASE_CFG  FMT 17:16 (0 linear, 1 two-level) | SPLIT 10:6 | LOG2SIZE 5:0
 *
 *   linear     entry = base + stream id * 64
 *   two-level  descriptor = base + (stream id &gt;&gt; SPLIT) * 8
 *              entry = L2Ptr + (stream id mod 2^SPLIT) * 64
 *
 *   descriptor, 8 bytes
 *    63       52 51                                             6 5   4        0
 *   +-----------+------------------------------------------------+---+----------+
 *   |     0     |                     L2Ptr                      | 0 |   Span   |
 *   +-----------+------------------------------------------------+---+----------+
 *   Span 0 and above 11: invalid; otherwise 2^(Span-1) entries follow at L2Ptr
 * </pre>
 *
 * <p>Sources: IHI 0070, section 5.1, Level 1 Stream Table Descriptor; section 6.3, SMMU_STRTAB_BASE
 * and SMMU_STRTAB_BASE_CFG.
 */
final class StreamTableLayout {

  static final int DESCRIPTOR_BYTES = 8;
  static final int SMALLEST_ALIGNMENT = 64;
  static final int FORMAT_TWO_LEVEL = 1;
  static final long READ_ALLOCATE = Bits.bit(62);

  private static final int LARGEST_SPAN = 11;

  private StreamTableLayout() {}

  static long base(long strtabBase) {
    return Bits.inPlace(strtabBase, 51, 6);
  }

  static int log2Size(long config) {
    return Bits.small(config, 5, 0);
  }

  /** Stream id bits resolved by the second level; reserved values act as the smallest. */
  static int split(long config) {
    int split = Bits.small(config, 10, 6);
    return split == 8 || split == 10 ? split : 6;
  }

  static boolean twoLevel(long config) {
    return Bits.small(config, 17, 16) == FORMAT_TWO_LEVEL;
  }

  static long twoLevelConfig(int log2Size, int split) {
    return (long) FORMAT_TWO_LEVEL << 16 | (long) split << 6 | log2Size;
  }

  static int span(long descriptor) {
    return Bits.small(descriptor, 4, 0);
  }

  static boolean validSpan(int span, int split) {
    return span != 0 && span <= LARGEST_SPAN && span <= split + 1;
  }

  /** Second-level table, aligned down to its own size. */
  static long secondLevel(long descriptor, int span) {
    return Bits.inPlace(descriptor, 51, 6) & ~Bits.mask(span - 1 + StreamEntryLayout.LOG2_BYTES);
  }

  static long descriptor(long secondLevel, int span) {
    return secondLevel | span;
  }
}
