package aperture.console.thread;

import aperture.access.PathMode;

/**
 * A machine to try something on.
 *
 * @param type machine type
 * @param iommu IOMMU kind, perhaps with options, or none
 */
record Site(String type, String iommu) {

  static final Site PC = new Site("pc-q35-7.2", "none");
  static final Site PC_VTD = new Site("pc-q35-7.2", "intel-vtd");
  static final Site PC_AMD = new Site("pc-q35-7.2", "amd-vi");
  static final Site PC_IDENTITY = new Site("pc-q35-7.2", "intel-vtd,domain=identity");
  static final Site NEW_PC = new Site("pc-q35-7.2-ap1", "intel-vtd");
  static final Site XEN = new Site("xenfv", "none");
  static final Site NEW_XEN = new Site("xenfv-ap1", "none");
  static final Site PSERIES = new Site("pseries-7.2", "spapr-tce");
  static final Site NEW_PSERIES = new Site("pseries-7.2-ap1", "spapr-tce-ddw");
  static final Site MAC = new Site("mac99", "none");
  static final Site ARM = new Site("virt-7.2", "none");
  static final Site ARM_SMMU = new Site("virt-7.2", "arm-smmuv3");
  static final Site NEW_ARM = new Site("virt-7.2-ap1", "arm-smmuv3");
  static final Site SPARC = new Site("sun4u", "sun4u");

  private static final String NONE = "none";
  private static final String IDENTITY = ",domain=identity";

  /** As core writes it. */
  String label() {
    return type + " " + iommu;
  }

  /**
   * The path of a device there.
   *
   * @param offered whether it offers the bit
   * @param real whether it is a physical function
   */
  PathMode path(boolean offered, boolean real) {
    if (iommu.equals(NONE)) {
      return PathMode.NONE;
    }
    if (!offered && !real) {
      return PathMode.BYPASS;
    }
    return iommu.endsWith(IDENTITY) ? PathMode.IDENTITY : PathMode.TRANSLATING;
  }
}
