package aperture.console.thread;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import java.util.List;
import java.util.Optional;

/**
 * Adds a device to a machine, and looks what was decided about its offer.
 *
 * @param site the machine
 * @param own the device's setting
 * @param global the global setting meanwhile
 * @param expected {@code on}, {@code off}, or the code of a refused configuration
 * @param by whose claim it tests; absent where nobody said anything
 */
record Decide(Site site, Setting own, Setting global, String expected, Optional<Author> by)
    implements Step {

  static Decide byRow(Site site, String expected) {
    return new Decide(site, Setting.UNSET, Setting.UNSET, expected, Optional.empty());
  }

  static Decide own(Site site, Setting own, String expected) {
    return new Decide(site, own, Setting.UNSET, expected, Optional.empty());
  }

  Decide under(Setting setting) {
    return new Decide(site, own, setting, expected, by);
  }

  Decide claimed(Author who) {
    return new Decide(site, own, global, expected, Optional.of(who));
  }

  @Override
  public List<Done> run(Stage stage) throws ControlException {
    Optional<Done> absent = stage.absence(setting(), site, "");
    if (absent.isPresent()) {
      return List.of(absent.get());
    }
    String machine = stage.machine(site);
    String outcome;
    String reason;
    try {
      DeviceInfo added = stage.disk(machine, own, global);
      outcome = added.offer();
      reason =
          "%s; path %s"
              .formatted(
                  stage.controls().policy().explain(added.id()).offerProvenance(),
                  added.pathMode());
    } catch (ControlException e) {
      outcome = e.configurationError().orElseThrow(() -> e).code();
      reason = e.line();
    }
    stage.endMachine();
    return List.of(
        new Done(
            new ThreadCase(setting(), site.label(), "", outcome, reason),
            outcome.equals(expected)));
  }

  private String setting() {
    return "device %s, global %s%s"
        .formatted(own == Setting.UNSET ? "default" : own.word(), global.word(), Author.mark(by));
  }
}
