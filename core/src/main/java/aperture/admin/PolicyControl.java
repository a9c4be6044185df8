package aperture.admin;

import aperture.access.Setting;
import java.util.List;
import java.util.function.BiConsumer;
import org.osgi.annotation.versioning.ProviderType;

/** The decision about bit 33. Thread-safe. */
@ProviderType
public interface PolicyControl {

  PolicyExplanation explain(String device) throws ControlException;

  /**
   * Tries cases of drivers, devices and paths, each on a machine of its own, and says what
   * happened. A case that comes to no verdict is a cell without an outcome, and ends no other.
   *
   * @param progress is told how many of how many cases are done, on any thread
   * @throws ControlException when a word is unknown, or nothing can be tried
   */
  List<MatrixCell> matrix(MatrixRequest request, BiConsumer<Integer, Integer> progress)
      throws ControlException, InterruptedException;

  /** Global setting of the offer, for devices created afterwards. */
  Setting globalOffer();

  /** Global setting of strictness, for devices created afterwards. */
  Setting globalStrict();

  void globalOffer(Setting setting);

  void globalStrict(Setting setting);

  /** Global settings for a trial, which touch nobody else's devices. */
  PolicyRehearsal rehearse();
}
