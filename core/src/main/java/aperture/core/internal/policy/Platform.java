package aperture.core.internal.policy;

import aperture.access.PathMode;

/**
 * A machine to experiment on.
 *
 * @param mode the path of its devices
 * @param type machine type
 * @param iommu what is chosen of its IOMMU, as on a command line
 * @param layout where IOVAs and memory lie
 */
record Platform(PathMode mode, String type, String iommu, Layout layout) {

  /**
   * How an experiment is laid out, so that a number which is an IOVA is memory too.
   *
   * @param memory bytes of guest memory
   * @param mask highest IOVA that the device can express
   * @param firstNumber lowest IOVA that the experiment's driver may get, so that it is a number of
   *     memory which is kept free; 0 where that does not matter
   */
  record Layout(long memory, long mask, long firstNumber) {

    /** Where nothing translates. */
    static final Layout PLAIN = new Layout(64L << 20, -1L, 0);
  }
}
