package aperture.arch.x86.xen;

/**
 * What the hypervisor knows of a guest's structures, told by hypercalls or by the start info page.
 * Xen has no registers; these names are ours.
 */
final class XenRegisters {

  /** Guest-physical address of the grant table. */
  static final String GRANT_TABLE = "GRANT_TABLE";

  /** Frames of the grant table. */
  static final String GRANT_FRAMES = "GRANT_FRAMES";

  /** Guest-physical address of the physical-to-machine list. */
  static final String P2M_LIST = "P2M_LIST";

  /** Entries of that list. */
  static final String P2M_PAGES = "P2M_PAGES";

  private XenRegisters() {}
}
