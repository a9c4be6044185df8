package aperture.console.dma;

import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import aperture.admin.MappingInfo;
import aperture.admin.ReplayQuestion;
import aperture.admin.ReplayReport;
import aperture.console.capture.Capture;
import aperture.console.capture.CaptureReader;
import aperture.console.capture.CaptureWriter;
import aperture.console.control.Controls;
import aperture.console.line.Numbers;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.IommuSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Takes a capture of an in-process machine: its state, and the answers of its own walker for the
 * live mappings (first and last byte, and a byte within) and for the pages beside them.
 */
public final class CaptureTaker {

  private static final long PAGE = 4096;
  private static final int MOST_MAPPINGS = 1 << 15;

  private final Controls controls;

  public CaptureTaker(Controls controls) {
    this.controls = controls;
  }

  /**
   * Takes it.
   *
   * @throws ControlException when the folder is in use, the machine has no IOMMU, or its mappings
   *     change meanwhile
   */
  public CaptureResult take(String machine, Path folder) throws ControlException {
    CaptureWriter.requireFree(folder);
    IommuSnapshot snapshot = controls.dma().snapshot(machine);
    List<ReplayQuestion> questions = questions(machine);
    ReplayReport check = controls.dma().replay(snapshot, questions, 1);
    if (check.agree() != check.answers()) {
      throw ControlException.failed(
          "the mappings of %s changed while they were captured; stop its I/O and try again"
              .formatted(machine));
    }
    CaptureWriter.write(
        folder,
        new Capture(CaptureReader.name(folder), snapshot, questions),
        "aperture-walker",
        Map.of("machine", machine));
    return CaptureResult.of(machine, "", folder, snapshot, check);
  }

  private List<ReplayQuestion> questions(String machine) throws ControlException {
    Map<String, String> deviceOf = new HashMap<>();
    for (DeviceInfo device : controls.devices().list()) {
      if (device.machine().equals(machine)) {
        deviceOf.put(device.endpoint(), device.id());
      }
    }
    Map<String, SortedSet<Long>> addresses = new HashMap<>();
    int mappings = 0;
    for (MappingInfo mapping : controls.dma().mappings()) {
      if (mapping.machine().equals(machine) && deviceOf.containsKey(mapping.endpoint())) {
        if (++mappings > MOST_MAPPINGS) {
          break;
        }
        ask(
            addresses.computeIfAbsent(
                mapping.endpoint(), e -> new TreeSet<>(Long::compareUnsigned)),
            Numbers.unsigned("iova", mapping.iova()),
            mapping.size());
      }
    }
    List<ReplayQuestion> questions = new ArrayList<>();
    for (Map.Entry<String, SortedSet<Long>> entry : addresses.entrySet()) {
      for (long iova : entry.getValue()) {
        for (Access access : Access.values()) {
          questions.add(
              new ReplayQuestion(
                  entry.getKey(), iova, access, answer(deviceOf, entry.getKey(), iova, access)));
        }
      }
    }
    return questions;
  }

  private static void ask(SortedSet<Long> addresses, long iova, long size) {
    addresses.add(iova);
    addresses.add(iova + size / 2);
    addresses.add(iova + size - 1);
    addresses.add((iova & -PAGE) - PAGE);
    addresses.add(((iova + size - 1) & -PAGE) + PAGE);
  }

  private OptionalLong answer(
      Map<String, String> deviceOf, String endpoint, long iova, Access access)
      throws ControlException {
    String device = deviceOf.getOrDefault(endpoint, "");
    TranslationReport report = controls.dma().translate(device, iova, 1, access);
    return report.fault().isPresent() || report.ranges().isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(report.ranges().getFirst().gpa());
  }
}
