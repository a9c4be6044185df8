package aperture.console.capture;

import aperture.admin.ReplayQuestion;
import aperture.iommu.IommuSnapshot;
import java.util.List;

/**
 * A captured state and the answers recorded for it.
 *
 * @param name name of its folder
 * @param snapshot the state
 * @param questions the recorded answers, in order
 */
public record Capture(String name, IommuSnapshot snapshot, List<ReplayQuestion> questions) {

  public Capture {
    questions = List.copyOf(questions);
  }
}
