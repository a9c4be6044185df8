package aperture.arch.arm64.smmu;

/**
 * The domain tags of translations, which commands name to forget them.
 *
 * <pre>
 *   stage 1, alone or over stage 2   VMID 31:16 | ASID 15:0
 *   none (bypass)                    1 &lt;&lt; 24
 *   stage 2 alone                    2 &lt;&lt; 24 | VMID 15:0
 *   stage 1 of the hypervisor        3 &lt;&lt; 24 | ASID 15:0
 * </pre>
 *
 * <p>VMIDs of 8 bits keep the four apart. With 16 bits some coincide: then a command forgets more
 * than it names, never less.
 *
 * <p>Source: IHI 0070, section 3.17, TLB tagging, VMIDs, ASIDs and participation in broadcast TLB
 * maintenance.
 */
final class Tags {

  static final int BYPASS = 1 << 24;

  private static final int STAGE_2 = 2 << 24;
  private static final int HYPERVISOR = 3 << 24;
  private static final int VMID_SHIFT = 16;

  private Tags() {}

  /** Tag of an address space of stage 1; an SMMU without stage 2 has no VMIDs. */
  static int stage1(SmmuConfiguration c, int vmid, int asid) {
    int machine =
        IdentificationLayout.stage2(c.idr0())
            ? vmid & (int) Bits.mask(IdentificationLayout.vmidBits(c.idr0()))
            : 0;
    return machine << VMID_SHIFT | asid(c, asid);
  }

  /** The lowest tag of a virtual machine's stage 1. */
  static int first(SmmuConfiguration c, int vmid) {
    return stage1(c, vmid, 0);
  }

  /** The highest tag of a virtual machine's stage 1. */
  static int last(SmmuConfiguration c, int vmid) {
    return stage1(c, vmid, -1);
  }

  static int stage2(SmmuConfiguration c, int vmid) {
    return STAGE_2 | vmid & (int) Bits.mask(IdentificationLayout.vmidBits(c.idr0()));
  }

  static int hypervisor(SmmuConfiguration c, int asid) {
    return HYPERVISOR | asid(c, asid);
  }

  static int lastHypervisor(SmmuConfiguration c) {
    return hypervisor(c, -1);
  }

  private static int asid(SmmuConfiguration c, int asid) {
    return asid & (int) Bits.mask(IdentificationLayout.asidBits(c.idr0()));
  }
}
