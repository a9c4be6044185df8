package aperture.admin;

import aperture.virtio.DeviceOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is wrong with options, in one line. */
public final class OptionRules {

  private OptionRules() {}

  /**
   * The first of the known options that is missing, or has a value that is none.
   *
   * @param owner who takes them, for example {@code device type blk}
   */
  public static Optional<String> objection(
      String owner, List<DeviceOption> known, Map<String, String> given) {
    for (DeviceOption option : known) {
      String value = given.get(option.name());
      if (value == null) {
        if (option.required()) {
          return Optional.of(missing(owner, option));
        }
      } else if (!option.values().isEmpty() && !option.values().contains(value)) {
        return Optional.of(Nearest.unknown("value of --" + option.name(), value, option.values()));
      }
    }
    return Optional.empty();
  }

  /** An option must be given and is not. */
  public static String missing(String owner, DeviceOption option) {
    return "%s needs --%s: %s".formatted(owner, option.name(), option.description());
  }

  /**
   * There is no such option.
   *
   * @param known names of those that there are
   */
  public static String unknown(String owner, String option, Collection<String> known) {
    return Nearest.unknown(
        "option of " + owner, "--" + option, known.stream().map(name -> "--" + name).toList());
  }
}
