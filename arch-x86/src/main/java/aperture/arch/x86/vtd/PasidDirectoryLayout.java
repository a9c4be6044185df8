package aperture.arch.x86.vtd;

/**
 * A PASID directory entry: 8 bytes, each for a PASID table of 64 entries.
 *
 * <pre>
 *   63 .. HAW | HAW-1 ........ 12 | 11 .. 2  |  1  | 0
 *   reserved  | PASID table       | reserved | FPD | P
 * </pre>
 *
 * <p>Source: Intel VT-d, rev 5.10, section 9.5, Scalable-Mode PASID Directory Entry.
 */
final class PasidDirectoryLayout {

  static final int SIZE = 8;
  static final long PRESENT = 1;
  static final long FAULTS_DISABLED = 1 << 1;
  static final long TABLE = -1L << 12;

  /** Reserved beside the bits above the host address width. */
  static final long RESERVED = 0xffc;

  private PasidDirectoryLayout() {}

  /** Index of a PASID's entry in the directory. */
  static int index(int pasid) {
    return pasid >>> PasidEntryLayout.INDEX_BITS;
  }
}
