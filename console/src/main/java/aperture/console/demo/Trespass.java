package aperture.console.demo;

import aperture.admin.ControlException;
import aperture.admin.DmaControl;
import aperture.admin.FaultInfo;
import aperture.admin.MappingInfo;
import aperture.console.line.Numbers;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import java.util.List;
import java.util.Optional;

/**
 * The negative: an access beside the live mappings must reach nothing of the guest's. Most
 * platforms stop it; then it must be on record. Some leave free entries on a dummy page; then
 * nothing but that page may be reached.
 */
final class Trespass {

  private static final long PAGE = 4096;
  private static final int TRIES = 4096;

  private final DmaControl dma;
  private final Prober prober;
  private final String machine;
  private final String device;
  private final String endpoint;

  Trespass(DmaControl dma, Prober prober, String machine, String device, String endpoint) {
    this.dma = dma;
    this.prober = prober;
    this.machine = machine;
    this.device = device;
    this.endpoint = endpoint;
  }

  /**
   * Tries it.
   *
   * @param live the endpoint's live mappings, at least one
   * @return what happened, in lines
   * @throws ControlException when the access reached what it must not, or is on no record
   */
  List<String> attempt(List<MappingInfo> live) throws ControlException {
    long beyond = beyond(live);
    for (int page = 0; page < TRIES; page++) {
      for (Access access : Access.values()) {
        long iova = beyond + page * PAGE;
        if (dma.translate(device, iova, 1, access).fault().isPresent()) {
          return stopped(iova, access);
        }
      }
    }
    return diverted(beyond, live);
  }

  private static long beyond(List<MappingInfo> live) throws ControlException {
    long end = 0;
    for (MappingInfo mapping : live) {
      long last = Numbers.unsigned("iova", mapping.iova()) + mapping.size() - 1;
      end = Long.compareUnsigned(last, end) > 0 ? last : end;
    }
    return (end & -PAGE) + PAGE;
  }

  private List<String> stopped(long iova, Access access) throws ControlException {
    String address = "0x" + Long.toHexString(iova);
    String fault =
        prober
            .access(machine, endpoint, iova, access)
            .orElseThrow(
                () -> ControlException.failed("%s was reached unmapped".formatted(address)));
    FaultInfo recorded =
        dma.faults().stream()
            .filter(f -> f.machine().equals(machine) && f.iova().equals(address))
            .findFirst()
            .orElseThrow(() ->
                ControlException.failed("the fault at %s is on no record".formatted(address)));
    return List.of(
        "an access that is not mapped was stopped: " + fault,
        recorded.recorded().isEmpty()
            ? "this platform tells its software nothing; dma:faults has it"
            : "recorded by the hardware at " + recorded.recorded());
  }

  private List<String> diverted(long iova, List<MappingInfo> live) throws ControlException {
    TranslationReport report = dma.translate(device, iova, 1, Access.READ);
    if (report.ranges().isEmpty()) {
      throw ControlException.failed("0x%x neither faults nor translates".formatted(iova));
    }
    long gpa = report.ranges().getFirst().gpa();
    for (MappingInfo mapping : live) {
      long base = Numbers.unsigned("gpa", mapping.gpa());
      if (Long.compareUnsigned(gpa - base, mapping.size()) < 0) {
        throw ControlException.failed(
            "0x%x is not mapped, yet it reaches the driver's memory at 0x%x".formatted(iova, gpa));
      }
    }
    Optional<String> unexpected = prober.access(machine, endpoint, iova, Access.READ);
    if (unexpected.isPresent()) {
      throw ControlException.failed("explained as allowed, yet stopped: " + unexpected.get());
    }
    return List.of(
        "an access that is not mapped reached only the dummy page at 0x%x".formatted(gpa),
        "this platform leaves free entries valid on that page, as its kernels set them up");
  }
}
