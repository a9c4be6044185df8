package aperture.arch.sparc.sun4u;

import aperture.iommu.Access;
import aperture.iommu.IommuFault;
import aperture.iommu.RecordedFault;
import aperture.iommu.Registers;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the hardware keeps translation errors: the first one's status in the control register,
 * whose access it was in the error status, and the page in the tag of an IOTLB entry.
 *
 * <p>Overflow: the control register keeps the first status until software clears it; error status
 * has a second set of bits for all later errors together; when every tag holds an error, further
 * pages are lost. Nothing tells which device it was.
 *
 * <p>Sources: Linux 6.1, arch/sparc/kernel/pci_sabre.c, sabre_ue_intr, and psycho_common.c,
 * psycho_check_iommu_error.
 */
final class FaultRegisters {

  /** The hardware does not know the requester. */
  private static final int NOBODY = -1;

  private final Registers registers;

  FaultRegisters(Registers registers) {
    this.registers = registers;
  }

  void record(IommuFault fault) {
    int status = fault.reason();
    long control = registers.get(RegisterName.CONTROL);
    if ((control & ControlLayout.ERROR) == 0) {
      registers.set(RegisterName.CONTROL, ControlLayout.withError(control, status));
    }
    long afsr = registers.get(RegisterName.UE_AFSR);
    long after = AfsrLayout.withTranslationError(afsr, fault.access());
    if (after != afsr) {
      registers.set(RegisterName.UE_AFSR, after);
    }
    for (int entry = 0; entry < RegisterName.IOTLB_ENTRIES; entry++) {
      if (!IotlbLayout.isError(registers.get(RegisterName.tag(entry)))) {
        long tte = fault.structureValue();
        registers.set(RegisterName.tag(entry), IotlbLayout.failed(fault.iova(), status, tte));
        registers.set(RegisterName.data(entry), IotlbLayout.data(tte));
        return;
      }
    }
  }

  List<RecordedFault> read() {
    long afsr = registers.get(RegisterName.UE_AFSR);
    List<RecordedFault> faults = new ArrayList<>();
    for (int entry = 0; entry < RegisterName.IOTLB_ENTRIES; entry++) {
      long tag = registers.get(RegisterName.tag(entry));
      if (IotlbLayout.isError(tag)) {
        int status = IotlbLayout.status(tag);
        faults.add(
            new RecordedFault(
                NOBODY,
                IotlbLayout.address(tag),
                access(status, faults.isEmpty(), afsr),
                status,
                "%s (%s)".formatted(RegisterName.tag(entry), Sun4uFaults.describe(status))));
      }
    }
    return faults;
  }

  /** Only a write can offend protection; else the error status knows of the first, or of all. */
  private static Access access(int status, boolean first, long afsr) {
    if (status == Sun4uFaults.PROTECTION) {
      return Access.WRITE;
    }
    return first ? AfsrLayout.primary(afsr) : AfsrLayout.secondary(afsr);
  }
}
