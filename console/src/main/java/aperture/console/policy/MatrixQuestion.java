package aperture.console.policy;

import aperture.access.PathMode;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.ControlException;
import aperture.admin.MatrixRequest;
import aperture.admin.Nearest;
import aperture.admin.Outcome;
import aperture.console.control.Known;
import aperture.console.line.Arguments;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What a command line asks of the matrix.
 *
 * @param request the cases to try
 * @param outcomes what to show of them; empty for all
 */
public record MatrixQuestion(MatrixRequest request, Set<Outcome> outcomes) {

  /** Options of driver kinds, by the option of the command. */
  private static final Map<String, String> KIND_OPTIONS =
      Map.of(
          "whitelist",
          "whitelist",
          "k6-ack",
          "ack",
          "k6-iova",
          "iova",
          "no-iommu-vfio",
          "no-iommu");

  public MatrixQuestion {
    outcomes = Set.copyOf(outcomes);
  }

  /** Understands the options. */
  public static MatrixQuestion of(Arguments arguments, Known known) throws ControlException {
    Optional<String> machine = arguments.option("machine");
    if (machine.isPresent()) {
      var _ = known.machineType(machine.get());
    }
    MatrixRequest request =
        new MatrixRequest(
            several(arguments, "mode", PathMode.values(), mode -> String.valueOf(mode.letter())),
            drivers(arguments, known),
            columns(arguments),
            machine,
            machine.isPresent() || arguments.has("per-machine"),
            arguments
                .option("device")
                .map(word -> word.equals("real") ? Wiring.HARDWARE : Wiring.SOFTWARE),
            !is(arguments, "legacy", "off"),
            is(arguments, "platform-map", "identity"),
            is(arguments, "collision", "on"),
            kindOptions(arguments));
    return new MatrixQuestion(
        request, several(arguments, "outcome", Outcome.values(), Outcome::name));
  }

  private static boolean is(Arguments arguments, String option, String word) {
    return arguments.option(option).filter(word::equals).isPresent();
  }

  private static MatrixRequest.Columns columns(Arguments arguments) {
    return new MatrixRequest.Columns(
        arguments.option("offered").map("on"::equals),
        arguments.option("strict").map("on"::equals),
        arguments
            .option("unacked")
            .map(word ->
                word.equals("physical")
                    ? UnackedAddressing.PHYSICAL
                    : UnackedAddressing.TRANSLATED));
  }

  private static Map<String, String> kindOptions(Arguments arguments) {
    Map<String, String> options = new LinkedHashMap<>();
    KIND_OPTIONS.forEach(
        (option, ofKind) -> arguments.option(option).ifPresent(word -> options.put(ofKind, word)));
    arguments
        .option("xen-map")
        .ifPresent(word -> options.put("map", word.equals("on") ? "identity" : "none"));
    return options;
  }

  private static Set<String> drivers(Arguments arguments, Known known) throws ControlException {
    Set<String> drivers = new LinkedHashSet<>();
    for (String kind : words(arguments, "driver")) {
      drivers.add(known.driverKind(kind));
    }
    return drivers;
  }

  private static <E extends Enum<E>> Set<E> several(
      Arguments arguments, String option, E[] all, Function<E, String> name)
      throws ControlException {
    Set<E> chosen = EnumSet.noneOf(all[0].getDeclaringClass());
    for (String word : words(arguments, option)) {
      chosen.add(
          Arrays.stream(all)
              .filter(value -> name.apply(value).equals(word))
              .findFirst()
              .orElseThrow(() ->
                  ControlException.usage(
                      Nearest.unknown(
                          "value of --" + option, word, Arrays.stream(all).map(name).toList()))));
    }
    return chosen;
  }

  private static List<String> words(Arguments arguments, String option) {
    return arguments.option(option).map(text -> List.of(text.split(",", -1))).orElse(List.of());
  }
}
