package aperture.console.thread;

import static aperture.admin.Outcome.WI;
import static aperture.admin.Outcome.WP;
import static aperture.admin.Outcome.WT;

import aperture.access.PathMode;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.ControlException;
import aperture.admin.MachineType;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.MatrixRequest.Columns;
import aperture.admin.Outcome;
import aperture.console.policy.MatrixRow;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One case of the matrix: a driver and a device on a machine.
 *
 * @param site the machine
 * @param driver driver kind
 * @param options the kind's options
 * @param real whether the device is a physical function
 * @param flag the device's bit and strictness
 * @param collision whether raw physical numbers happen to be mapped as IOVAs too
 * @param claimed what was claimed, and by whom; empty where nobody said anything
 */
record Trial(
    Site site,
    String driver,
    Map<String, String> options,
    boolean real,
    Flag flag,
    boolean collision,
    Map<Author, Set<Outcome>> claimed)
    implements Step {

  /** Everything that can be called working. */
  static final Set<Outcome> WORKS = Set.copyOf(EnumSet.of(WP, WI, WT));

  /** What is set about the bit. */
  enum Flag {
    /** What the machine type says. */
    DEFAULT("flag default", false, true, UnackedAddressing.PHYSICAL),
    OFF("flag off", false, false, UnackedAddressing.PHYSICAL),
    STRICT("flag on, strict on", true, true, UnackedAddressing.PHYSICAL),
    LENIENT("flag on, strict off", true, false, UnackedAddressing.PHYSICAL),
    LENIENT_BUS(
        "flag on, strict off, un-acked addresses of the bus",
        true,
        false,
        UnackedAddressing.TRANSLATED);

    private final String text;
    private final boolean offered;
    private final boolean strict;
    private final UnackedAddressing unacked;

    Flag(String text, boolean offered, boolean strict, UnackedAddressing unacked) {
      this.text = text;
      this.offered = offered;
      this.strict = strict;
      this.unacked = unacked;
    }
  }

  static Trial of(Site site, String driver, Flag flag) {
    return new Trial(site, driver, Map.of(), false, flag, false, Map.of());
  }

  /** The same with a physical function. */
  Trial onHardware() {
    return new Trial(site, driver, options, true, flag, collision, claimed);
  }

  /** The same where raw physical numbers are mapped too. */
  Trial colliding() {
    return new Trial(site, driver, options, real, flag, true, claimed);
  }

  Trial with(String option, String word) {
    return new Trial(site, driver, Map.of(option, word), real, flag, collision, claimed);
  }

  Trial claimed(Author who, Outcome outcome) {
    return claimed(who, Set.of(outcome));
  }

  Trial claimed(Author who, Set<Outcome> outcomes) {
    Map<Author, Set<Outcome>> more = new EnumMap<>(Author.class);
    more.putAll(claimed);
    more.put(who, outcomes);
    return new Trial(site, driver, options, real, flag, collision, more);
  }

  @Override
  public List<Done> run(Stage stage) throws ControlException, InterruptedException {
    Optional<Done> absent = stage.absence(setting(""), site, driver);
    if (absent.isPresent()) {
      return List.of(absent.get());
    }
    MachineType type = stage.type(site.type()).orElseThrow();
    boolean byRow = flag == Flag.DEFAULT;
    boolean offered = byRow ? type.offer().equals("on") : flag.offered;
    boolean strict = offered && (byRow ? type.strict().equals("on") : flag.strict);
    Columns columns =
        new Columns(Optional.of(offered), Optional.of(strict), Optional.of(flag.unacked));
    MatrixCell cell = cell(stage, columns, site.path(offered, real));
    boolean held =
        cell.outcome()
            .filter(outcome -> claimed.values().stream().allMatch(o -> o.contains(outcome)))
            .isPresent();
    String value = byRow ? " (" + type.offer() + ")" : "";
    return List.of(
        new Done(
            new ThreadCase(
                setting(value),
                site.label(),
                driver,
                cell.outcome().map(Outcome::name).orElse(MatrixRow.NO_VERDICT),
                cell.reason()),
            held));
  }

  private MatrixCell cell(Stage stage, Columns columns, PathMode mode)
      throws ControlException, InterruptedException {
    MatrixRequest request =
        new MatrixRequest(
            Set.of(mode),
            Set.of(driver),
            columns,
            Optional.of(site.type()),
            true,
            Optional.of(real ? Wiring.HARDWARE : Wiring.SOFTWARE),
            true,
            false,
            collision,
            options);
    return stage.matrix(request).stream()
        .filter(cell -> cell.machines().equals(site.label()))
        .findFirst()
        .orElseThrow(() ->
            new ControlException(
                ControlException.Kind.CAPABILITY_MISSING,
                "nothing was tried on %s; arch:list shows the architecture bundles"
                    .formatted(site.label())));
  }

  private String setting(String value) {
    StringBuilder text = new StringBuilder(flag.text).append(value);
    if (real) {
      text.append(", physical function");
    }
    if (collision) {
      text.append(", raw numbers mapped too");
    }
    options.forEach((name, word) -> text.append(", ").append(name).append(' ').append(word));
    if (!claimed.isEmpty()) {
      text.append(
          claimed.keySet().stream()
              .map(Author::firstName)
              .collect(Collectors.joining(", ", " [", "]")));
    }
    return text.toString();
  }
}
