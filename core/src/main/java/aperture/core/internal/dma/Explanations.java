package aperture.core.internal.dma;

import aperture.dma.DmaFault;
import aperture.dma.TranslationReport;
import aperture.dma.TranslationReport.Range;
import aperture.dma.TranslationReport.Step;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInstance;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Translates for people: every piece, every structure read, nothing changed. */
final class Explanations {

  /** Pieces explained; a longer range is cut, and its fault, if any, still found. */
  private static final int MAX_PIECES = 1024;

  private Explanations() {}

  static TranslationReport physical(
      Endpoint endpoint, GuestMemory memory, long address, long length, Access access) {
    if (memory.offsetOf(address, length) == GuestMemory.NOT_MEMORY) {
      return new TranslationReport(
          address,
          length,
          List.of(),
          List.of(),
          Optional.of(Faults.notMemory(endpoint, address, length, access)));
    }
    return new TranslationReport(
        address,
        length,
        List.of(new Range(address, address, length, "rw")),
        List.of(),
        Optional.empty());
  }

  static TranslationReport detached(
      Endpoint endpoint, long iova, long length, Access access, String reason) {
    return new TranslationReport(
        iova,
        length,
        List.of(),
        List.of(),
        Optional.of(Faults.detached(endpoint, iova, length, access, reason)));
  }

  static TranslationReport walked(
      IommuInstance instance,
      Endpoint endpoint,
      Reach memory,
      long iova,
      long length,
      Access access) {
    long last = iova + (length - 1);
    if (length <= 0 || Long.compareUnsigned(last, iova) < 0) {
      return new TranslationReport(
          iova,
          length,
          List.of(),
          List.of(),
          Optional.of(Faults.wraps(endpoint, iova, length, access)));
    }
    List<Range> ranges = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    WalkResult walk = new WalkResult();
    boolean whole = true;
    long failed = iova;
    long at = iova;
    long left = length;
    for (int piece = 0; piece < MAX_PIECES && left > 0; piece++) {
      Walks.walk(instance.walker(), endpoint, at, access, walk);
      addSteps(instance, at, walk, steps);
      long step = Math.min(left, Iotlb.PAGE_MASK + 1 - (at & Iotlb.PAGE_MASK));
      if (walk.outcome() == WalkResult.Outcome.TRANSLATED) {
        step = Math.min(left, walk.size() - (at - walk.iovaBase()));
        addRange(ranges, new Range(at, walk.gpaOf(at), step, word(walk.permission())));
      }
      boolean good =
          walk.outcome() == WalkResult.Outcome.TRANSLATED && memory.holds(walk.gpaOf(at), step);
      failed = whole && !good ? at : failed;
      whole &= good;
      at += step;
      left -= step;
    }
    Optional<DmaFault> fault =
        whole
            ? Optional.empty()
            : Optional.of(
                Faults.analyse(instance.walker(), endpoint, memory, iova, length, access, failed));
    return new TranslationReport(iova, length, ranges, steps, fault);
  }

  private static void addSteps(
      IommuInstance instance, long iova, WalkResult walk, List<Step> steps) {
    for (int i = 0; i < walk.steps(); i++) {
      steps.add(
          new Step(
              iova,
              walk.stepStructure(i),
              walk.stepAddress(i),
              walk.stepValue(i),
              instance.decode(walk.stepStructure(i), walk.stepValue(i))));
    }
  }

  private static void addRange(List<Range> ranges, Range next) {
    int last = ranges.size() - 1;
    if (last >= 0) {
      Range before = ranges.get(last);
      if (before.gpa() + before.length() == next.gpa()
          && before.permission().equals(next.permission())
          && before.iova() + before.length() == next.iova()) {
        ranges.set(
            last,
            new Range(
                before.iova(), before.gpa(), before.length() + next.length(), before.permission()));
        return;
      }
    }
    ranges.add(next);
  }

  static String word(Permission permission) {
    return switch (permission) {
      case NONE -> "-";
      case READ -> "r";
      case WRITE -> "w";
      case READ_WRITE -> "rw";
    };
  }
}
