package aperture.core.internal.dma;

import aperture.admin.ControlException;
import aperture.admin.PageSource;
import aperture.admin.ReplayQuestion;
import aperture.core.internal.iommu.Supplier;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds the pages that walks of a state read, without knowing a table: a page that is not here yet
 * reads as zeros, which lead nowhere in any format, so that the walk ends there, well or badly, and
 * its last step names the place. The page is fetched, the walk begins again.
 */
public final class Completion {

  private static final int PAGE = 4096;

  /** As many as a capture may hold: 64 MiB. */
  private static final int MOST_PAGES = 1 << 14;

  /** A walk of two stages reads a page for each level of the one at each level of the other. */
  private static final int MOST_PAGES_OF_A_WALK = 64;

  private final IommuSnapshot state;
  private final PageSource source;
  private final IommuInstance instance;
  private final GuestMemory memory;
  private final WalkResult walk = new WalkResult();
  private final Map<Long, byte[]> pages = new TreeMap<>(Long::compareUnsigned);
  private final Set<Long> missing = new HashSet<>();

  private Completion(
      IommuSnapshot state, PageSource source, IommuInstance instance, GuestMemory memory) {
    this.state = state;
    this.source = source;
    this.instance = instance;
    this.memory = memory;
  }

  /**
   * Adds the pages.
   *
   * @throws ControlException when the kind does not supply what the state needs, the pages are too
   *     many, or the source fails
   */
  public static IommuSnapshot run(
      Supplier<IommuBehavior> supplier,
      IommuSnapshot state,
      List<ReplayQuestion> questions,
      PageSource source)
      throws ControlException {
    if (state.ram().isEmpty()) {
      throw ControlException.failed("a state without guest memory has no pages");
    }
    try (GuestMemory memory = GuestMemory.allocate(state.ram())) {
      Completion completion =
          new Completion(state, source, Replay.attach(supplier, state, memory), memory);
      completion.known();
      completion.ask(questions);
      return completion.result();
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.FAILED, "no room for the guest's memory: " + e.getMessage(), e);
    }
  }

  private void known() throws ControlException {
    for (IommuSnapshot.Page page : state.pages()) {
      keep(page.gpa(), page.bytes());
    }
  }

  private void ask(List<ReplayQuestion> questions) throws ControlException {
    Map<String, Endpoint> endpoints = new HashMap<>();
    for (Endpoint endpoint : state.endpoints()) {
      endpoints.put(endpoint.id(), endpoint);
      follow(endpoint, 0, Access.READ);
    }
    for (ReplayQuestion question : questions) {
      Endpoint endpoint = endpoints.get(question.endpoint());
      if (endpoint != null) {
        follow(endpoint, question.iova(), question.access());
      }
    }
  }

  private void follow(Endpoint endpoint, long iova, Access access) throws ControlException {
    for (int fetched = 0; fetched <= MOST_PAGES_OF_A_WALK; fetched++) {
      Walks.walk(instance.walker(), endpoint, iova, access, walk);
      if (walk.steps() == 0 || !fetch(walk.stepAddress(walk.steps() - 1) & -PAGE)) {
        return;
      }
    }
  }

  /** Whether the walk finds more now than it did. */
  private boolean fetch(long gpa) throws ControlException {
    if (pages.containsKey(gpa)
        || missing.contains(gpa)
        || memory.offsetOf(gpa, PAGE) == GuestMemory.NOT_MEMORY) {
      return false;
    }
    byte[] page = new byte[PAGE];
    if (!source.read(gpa, page)) {
      missing.add(gpa);
      return false;
    }
    keep(gpa, page);
    return true;
  }

  private void keep(long gpa, byte[] page) throws ControlException {
    if (pages.size() == MOST_PAGES) {
      throw ControlException.failed("walks read more than %d pages".formatted(MOST_PAGES));
    }
    long offset = memory.offsetOf(gpa, page.length);
    if (offset != GuestMemory.NOT_MEMORY) {
      memory.write(offset, page, 0, page.length);
      pages.put(gpa, page);
    }
  }

  private IommuSnapshot result() {
    List<IommuSnapshot.Page> all = new ArrayList<>(pages.size());
    pages.forEach((gpa, bytes) -> all.add(new IommuSnapshot.Page(gpa, bytes)));
    return new IommuSnapshot(
        state.kind(),
        state.machine(),
        state.registers(),
        state.endpoints(),
        state.ram(),
        all,
        state.tables());
  }
}
