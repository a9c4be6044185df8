package aperture.core.internal.control;

import aperture.admin.ControlException;
import aperture.admin.OptionRules;
import aperture.virtio.DeviceOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holds options that somebody gave to those that there are. */
final class OptionCheck {

  private OptionCheck() {}

  /**
   * Requires that options are known, complete, and have values that they may have.
   *
   * @param owner who takes them, for example {@code device type blk}
   */
  static void require(String owner, List<DeviceOption> known, Map<String, String> given)
      throws ControlException {
    List<String> names = known.stream().map(DeviceOption::name).toList();
    for (String option : given.keySet()) {
      if (!names.contains(option)) {
        throw ControlException.usage(OptionRules.unknown(owner, option, names));
      }
    }
    Optional<String> objection = OptionRules.objection(owner, known, given);
    if (objection.isPresent()) {
      throw ControlException.usage(objection.get());
    }
  }
}
