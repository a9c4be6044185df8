package aperture.arch.sparc.sun4u;

/** Names of the registers, as in captured states. */
final class RegisterName {

  /** Control and status, at 0x200 of the host bridge. */
  static final String CONTROL = "IOMMU_CONTROL";

  /** Physical address of the TSB, at 0x208. */
  static final String TSB_BASE = "IOMMU_TSBBASE";

  /** Status of uncorrectable errors, at 0x30. */
  static final String UE_AFSR = "UE_AFSR";

  /** Entries of the hardware's IOTLB that diagnostic mode shows, at 0xa580 and 0xa600. */
  static final int IOTLB_ENTRIES = 16;

  private static final String[] TAGS = numbered("IOMMU_TAG");
  private static final String[] DATA = numbered("IOMMU_DATA");

  private RegisterName() {}

  static String tag(int entry) {
    return TAGS[entry];
  }

  static String data(int entry) {
    return DATA[entry];
  }

  private static String[] numbered(String name) {
    String[] names = new String[IOTLB_ENTRIES];
    for (int i = 0; i < names.length; i++) {
      names[i] = name + i;
    }
    return names;
  }
}
