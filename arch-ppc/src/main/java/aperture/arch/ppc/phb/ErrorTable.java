package aperture.arch.ppc.phb;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.PlatformTable;
import aperture.iommu.RecordedFault;
import aperture.memory.GuestMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the bridge notes errors: two words for each PE inside it, and where software gave it memory
 * for that, 16 bytes with the address. A PE keeps its first error until software lets it go on;
 * from the error on none of its accesses is answered, not even from a cache.
 */
final class ErrorTable {

  private final PhbModel model;
  private final GuestMemory memory;
  private final IommuInvalidator invalidator;
  private final PhbView view;

  ErrorTable(PhbModel model, GuestMemory memory, IommuInvalidator invalidator, PhbView view) {
    this.model = model;
    this.memory = memory;
    this.invalidator = invalidator;
    this.view = view;
  }

  void record(Endpoint endpoint, IommuFault fault) {
    PhbView.Decoded now = view.now();
    int pe = peOf(now, endpoint.requesterId());
    PlatformTable wordsA = now.pestA();
    PlatformTable wordsB = now.pestB();
    if (pe < 0 || !now.notes() || wordsA == null || wordsB == null || now.isStopped(pe)) {
      return;
    }
    long word = PestLayout.wordA(fault.access(), fault.reason(), endpoint.requesterId());
    long at = memory.offsetOf(now.pest() + (long) pe * PestLayout.BYTES, PestLayout.BYTES);
    if (at != GuestMemory.NOT_MEMORY) {
      memory.putBe64(at, word);
      memory.putBe64(at + PestLayout.SECOND_WORD, PestLayout.secondWord(fault.iova()));
    }
    if (pe < wordsA.entries() && pe < wordsB.entries()) {
      wordsA.set(pe, word);
      wordsB.set(pe, PestLayout.STOPPED);
      BusAddress.forget(pe, invalidator);
    }
  }

  List<RecordedFault> read() {
    PhbView.Decoded now = view.now();
    PlatformTable words = now.pestA();
    List<RecordedFault> faults = new ArrayList<>();
    for (int pe = 0; words != null && pe < Math.min(words.entries(), model.endpoints()); pe++) {
      long word = words.get(pe);
      if (PestLayout.isStopped(word)) {
        long at = memory.offsetOf(now.pest() + (long) pe * PestLayout.BYTES, PestLayout.BYTES);
        int reason = PestLayout.reason(word);
        faults.add(
            new RecordedFault(
                PestLayout.requester(word),
                at == GuestMemory.NOT_MEMORY ? 0 : memory.getBe64(at + PestLayout.SECOND_WORD),
                PestLayout.access(word),
                reason,
                "PE %d (%s)".formatted(pe, PhbFaults.describe(reason))));
      }
    }
    return faults;
  }

  private int peOf(PhbView.Decoded now, int requesterId) {
    long at = memory.offsetOf(RttLayout.address(now.rtt(), requesterId), RttLayout.BYTES);
    int pe = !now.rttEnabled() || at == GuestMemory.NOT_MEMORY ? -1 : RttLayout.get(memory, at);
    return pe < model.endpoints() ? pe : -1;
  }
}
