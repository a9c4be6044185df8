package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DmaControl;
import aperture.admin.FaultInfo;
import aperture.admin.MappingInfo;
import aperture.admin.PageSource;
import aperture.admin.ReplayDisagreement;
import aperture.admin.ReplayQuestion;
import aperture.admin.ReplayReport;
import aperture.dma.DmaFault;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.MappedRegister;
import aperture.memory.MemoryRange;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An IOMMU with one mapping: 0x1000 to 0x2fff means 0x5000, for reading only. */
final class FakeDma implements DmaControl {

  private static final long IOVA = 0x1000;
  private static final long SIZE = 0x2000;
  private static final long GPA = 0x5000;

  private final FakeControls all;

  FakeDma(FakeControls all) {
    this.all = all;
  }

  @Override
  public TranslationReport translate(String device, long iova, long length, Access access) {
    boolean mapped =
        Long.compareUnsigned(iova, IOVA) >= 0
            && Long.compareUnsigned(iova + length, IOVA + SIZE) <= 0;
    var step = new TranslationReport.Step(iova, "entry", 0x9000, 0x5001, "page 0x5000");
    if (mapped && access == Access.READ) {
      return new TranslationReport(
          iova,
          length,
          List.of(new TranslationReport.Range(iova, GPA + (iova - IOVA), length, "r")),
          List.of(step),
          Optional.empty());
    }
    var part = List.of(new DmaFault.SubRange(iova, length));
    return new TranslationReport(
        iova,
        length,
        List.of(),
        List.of(step),
        Optional.of(
            new DmaFault(
                iova,
                length,
                access,
                mapped ? List.of() : part,
                mapped ? part : List.of(),
                new IommuFault(
                    "00:01.0",
                    8,
                    iova,
                    access,
                    mapped ? FaultKind.DENIED : FaultKind.UNMAPPED,
                    6,
                    "no permission",
                    "entry",
                    0x9000,
                    0x5001,
                    true))));
  }

  @Override
  public List<MappingInfo> mappings() {
    return all.devices.entrySet().stream()
        .filter(entry -> all.drivers.containsKey(entry.getKey()))
        .map(entry ->
            new MappingInfo(entry.getValue().machine(), "00:01.0", "0x1000", "0x5000", SIZE, "r"))
        .toList();
  }

  @Override
  public List<FaultInfo> faults() {
    return all.faults;
  }

  @Override
  public ReplayReport replay(IommuSnapshot snapshot, List<ReplayQuestion> questions, int limit)
      throws ControlException {
    if (snapshot.kind().equals("spapr-tce")) {
      throw new ControlException(
          ControlException.Kind.CAPABILITY_MISSING, "nobody supplies IOMMU kind spapr-tce");
    }
    return new ReplayReport(
        snapshot.kind(),
        questions.size(),
        questions.size() - all.disagreeing,
        questions.stream()
            .limit(Math.min(limit, all.disagreeing))
            .map(q ->
                new ReplayDisagreement(q.endpoint(), "0x0", "r", "0x1", "fault", "entry at 0x9000"))
            .toList());
  }

  @Override
  public IommuSnapshot complete(
      IommuSnapshot state, List<ReplayQuestion> questions, PageSource source)
      throws ControlException {
    byte[] page = new byte[4096];
    boolean there = source.read(0x9000, page);
    return new IommuSnapshot(
        state.kind(),
        state.machine(),
        state.registers(),
        state.endpoints(),
        state.ram(),
        there ? List.of(new IommuSnapshot.Page(0x9000, page)) : List.of(),
        List.of());
  }

  @Override
  public TranslationReport translate(
      IommuSnapshot snapshot, String endpoint, long iova, long length, Access access)
      throws ControlException {
    if (snapshot.endpoints().stream().noneMatch(each -> each.id().equals(endpoint))) {
      throw ControlException.usage("unknown endpoint '%s'".formatted(endpoint));
    }
    return translate(endpoint, iova, length, access);
  }

  @Override
  public List<MappedRegister> registers(String kind, String machineType) throws ControlException {
    if (!kind.equals("toy")) {
      throw new ControlException(
          ControlException.Kind.CAPABILITY_MISSING, "nobody supplies IOMMU kind " + kind);
    }
    return List.of(
        new MappedRegister("ROOT", 0xfed0_0000L, 8), new MappedRegister("MODE", 0xfed0_0008L, 4));
  }

  @Override
  public IommuSnapshot snapshot(String machine) {
    return new IommuSnapshot(
        "toy",
        "toy-1",
        Map.of("ROOT", 0x9000L),
        List.of(new Endpoint(0, "00:01.0", 8, Map.of())),
        List.of(new MemoryRange(0, 64 << 20)),
        List.of(new IommuSnapshot.Page(0x9000, new byte[4096])),
        List.of());
  }
}
