package aperture.console.dma;

import aperture.admin.ControlException;
import aperture.admin.ControlException.Kind;
import aperture.admin.DmaControl;
import aperture.admin.ReplayReport;
import aperture.console.capture.Capture;
import aperture.console.capture.CaptureReader;
import aperture.console.command.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Replays captures one after the other, so that only one is in memory at a time. */
public final class Replay {

  private final DmaControl dma;
  private final int limit;

  /**
   * @param limit most disagreements to keep for each capture
   */
  public Replay(DmaControl dma, int limit) {
    this.dma = dma;
    this.limit = limit;
  }

  /**
   * Replays.
   *
   * @param json whether the results are for a JSON document
   */
  public Outcome run(List<Path> folders, boolean json) throws ControlException {
    for (Path folder : folders) {
      CaptureReader.requireFolder(folder);
    }
    List<ReplayResult> results = new ArrayList<>();
    boolean onlyMissing = true;
    for (Path folder : folders) {
      Tried tried = replay(folder);
      results.add(tried.result);
      onlyMissing &= tried.result.holds() || tried.obstacle == Kind.CAPABILITY_MISSING;
    }
    List<String> failed =
        results.stream().filter(r -> !r.holds()).map(ReplayResult::capture).toList();
    return new Outcome(
        json ? results : text(results),
        failed.isEmpty()
            ? ""
            : "%d of %d captures did not agree: %s"
                .formatted(failed.size(), results.size(), String.join(", ", failed)),
        onlyMissing ? Kind.CAPABILITY_MISSING : Kind.FAILED);
  }

  /**
   * A capture that was tried.
   *
   * @param obstacle what sort of failure kept it from being asked; null when it was
   */
  private record Tried(ReplayResult result, @Nullable Kind obstacle) {}

  private static Object text(List<ReplayResult> results) {
    ReplaySheet sheet = ReplaySheet.of(results);
    return sheet.disagreements().isEmpty() ? sheet.captures() : sheet;
  }

  private Tried replay(Path folder) {
    String name = CaptureReader.name(folder);
    Capture capture;
    try {
      capture = CaptureReader.read(folder);
    } catch (ControlException e) {
      return new Tried(ReplayResult.Impossible.of(name, "", 0, e), e.kind());
    }
    String kind = capture.snapshot().kind();
    try {
      ReplayReport report = dma.replay(capture.snapshot(), capture.questions(), limit);
      return new Tried(
          new ReplayResult.Compared(
              name, kind, report.answers(), report.agree(), report.disagreements()),
          null);
    } catch (ControlException e) {
      return new Tried(
          ReplayResult.Impossible.of(name, kind, capture.questions().size(), e), e.kind());
    }
  }
}
