package aperture.core.internal.dma;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.admin.ReplayDisagreement;
import aperture.admin.ReplayQuestion;
import aperture.admin.ReplayReport;
import aperture.core.internal.iommu.Supplier;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks a kind's hardware half about a captured state, and compares with the recorded answers. */
public final class Replay {

  private Replay() {}

  /**
   * Replays.
   *
   * @throws ControlException when the kind does not supply what the state needs
   */
  public static ReplayReport run(
      Supplier<IommuBehavior> supplier,
      IommuSnapshot snapshot,
      List<ReplayQuestion> questions,
      int limit)
      throws ControlException {
    try (GuestMemory memory = load(snapshot.pages())) {
      return ask(attach(supplier, snapshot, memory), snapshot, questions, limit);
    }
  }

  /**
   * Explains a range as an endpoint of the captured state sees it.
   *
   * @throws ControlException when the kind does not supply what the state needs, or there is no
   *     such endpoint
   */
  public static TranslationReport explain(
      Supplier<IommuBehavior> supplier,
      IommuSnapshot snapshot,
      String endpoint,
      long iova,
      long length,
      Access access)
      throws ControlException {
    for (Endpoint each : snapshot.endpoints()) {
      if (each.id().equals(endpoint)) {
        try (GuestMemory memory = load(snapshot.pages())) {
          return Explanations.walked(
              attach(supplier, snapshot, memory),
              each,
              Reach.of(snapshot.ram()),
              iova,
              length,
              access);
        }
      }
    }
    throw ControlException.usage(
        Nearest.unknown(
            "endpoint", endpoint, snapshot.endpoints().stream().map(Endpoint::id).toList()));
  }

  static IommuInstance attach(
      Supplier<IommuBehavior> supplier, IommuSnapshot snapshot, GuestMemory memory)
      throws ControlException {
    try {
      return supplier.service().attach(state(snapshot, memory));
    } catch (AttachRefusedException e) {
      throw new ControlException(
          ControlException.Kind.CAPABILITY_MISSING,
          "%s cannot replay this: %s".formatted(supplier.label(), e.getMessage()),
          e);
    }
  }

  private static UnitState state(IommuSnapshot snapshot, GuestMemory memory) {
    UnitState state =
        new UnitState(
            memory,
            new NoPages(),
            new UnitInvalidator(() -> new EndpointDma[0]),
            List.of(),
            Map.of(),
            () -> {});
    snapshot.registers().forEach(state.registers()::set);
    state.tables().load(snapshot.tables());
    snapshot.endpoints().forEach(state::addEndpoint);
    return state;
  }

  private static GuestMemory load(List<IommuSnapshot.Page> pages) {
    List<IommuSnapshot.Page> sorted = new ArrayList<>(pages);
    sorted.sort(Comparator.comparing(IommuSnapshot.Page::gpa, Long::compareUnsigned));
    List<MemoryRange> ranges = new ArrayList<>();
    long total = 0;
    for (IommuSnapshot.Page page : sorted) {
      int length = page.bytes().length;
      int last = ranges.size() - 1;
      if (last >= 0 && ranges.get(last).last() + 1 == page.gpa()) {
        MemoryRange before = ranges.get(last);
        ranges.set(last, new MemoryRange(before.base(), before.size() + length));
      } else {
        ranges.add(new MemoryRange(page.gpa(), length));
      }
      total += length;
    }
    Arena arena = Arena.ofShared();
    MemorySegment segment = arena.allocate(Math.max(1, total));
    GuestMemory memory = GuestMemory.wrap(ranges, segment, arena);
    for (IommuSnapshot.Page page : sorted) {
      int length = page.bytes().length;
      memory.write(memory.offsetOf(page.gpa(), length), page.bytes(), 0, length);
    }
    return memory;
  }

  private static ReplayReport ask(
      IommuInstance instance, IommuSnapshot snapshot, List<ReplayQuestion> questions, int limit)
      throws ControlException {
    Map<String, Endpoint> endpoints = new HashMap<>();
    snapshot.endpoints().forEach(endpoint -> endpoints.put(endpoint.id(), endpoint));
    List<ReplayDisagreement> disagreements = new ArrayList<>();
    WalkResult walk = new WalkResult();
    long agree = 0;
    for (ReplayQuestion question : questions) {
      Endpoint endpoint = endpoints.get(question.endpoint());
      if (endpoint == null) {
        throw ControlException.failed(
            "a question names endpoint '%s', which the capture does not list"
                .formatted(question.endpoint()));
      }
      Walks.walk(instance.walker(), endpoint, question.iova(), question.access(), walk);
      if (agrees(walk, question, snapshot.ram())) {
        agree++;
      } else if (disagreements.size() < limit) {
        disagreements.add(disagreement(instance, question, walk));
      }
    }
    return new ReplayReport(snapshot.kind(), questions.size(), agree, disagreements);
  }

  /**
   * A recorded translation must be ours to the byte. A recorded refusal is contradicted only by a
   * translation into memory: what leads elsewhere (a doorbell, a hole) no reference that serves
   * memory can confirm.
   */
  private static boolean agrees(WalkResult walk, ReplayQuestion question, List<MemoryRange> ram) {
    boolean translated = walk.outcome() == WalkResult.Outcome.TRANSLATED;
    long gpa = translated ? walk.gpaOf(question.iova()) : 0;
    if (question.gpa().isPresent()) {
      return translated && gpa == question.gpa().getAsLong();
    }
    return !translated || ram.stream().noneMatch(range -> range.contains(gpa));
  }

  private static ReplayDisagreement disagreement(
      IommuInstance instance, ReplayQuestion question, WalkResult walk) {
    String expected =
        question.gpa().isPresent()
            ? "0x" + Long.toHexString(question.gpa().getAsLong())
            : "no translation";
    String actual =
        walk.outcome() == WalkResult.Outcome.TRANSLATED
            ? "0x" + Long.toHexString(walk.gpaOf(question.iova()))
            : walk.faultKind() + ": " + walk.faultText();
    return new ReplayDisagreement(
        question.endpoint(),
        "0x" + Long.toHexString(question.iova()),
        question.access() == Access.READ ? "r" : "w",
        expected,
        actual,
        lastStep(instance, walk));
  }

  private static String lastStep(IommuInstance instance, WalkResult walk) {
    if (walk.steps() == 0) {
      return "no structure was read";
    }
    int last = walk.steps() - 1;
    String structure = walk.stepStructure(last);
    long value = walk.stepValue(last);
    return "%s at 0x%x reads 0x%x %s"
        .formatted(structure, walk.stepAddress(last), value, instance.decode(structure, value))
        .strip();
  }

  /** Nothing may be added to a captured state. */
  private static final class NoPages implements PageAllocator {
    @Override
    public long allocate(long bytes, long alignment) {
      return NO_MEMORY;
    }

    @Override
    public void free(long gpa, long bytes) {}
  }
}
