package aperture.arch.x86.vtd;

/**
 * Which of a condition's reason numbers the unit reports.
 *
 * <p>A unit that knows scalable mode has two lists: one for legacy mode, one for scalable mode. The
 * unit that QEMU 7.2 emulates knows scalable mode, but keeps the legacy numbers for root, context
 * and second-level tables and has a single number for everything about PASIDs. It is told apart by
 * its version: it reports architecture version 1.0, and no other unit of that version has scalable
 * mode.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 7.1.3, Fault Conditions and Remapping Hardware Behavior
 * for Various Requests; QEMU 7.2, hw/i386/intel_iommu.c, {@code vtd_qualified_faults}.
 */
enum FaultNumbers {
  LEGACY,
  EMULATED,
  SCALABLE
}
