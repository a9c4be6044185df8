package aperture.console.thread;

import aperture.access.Setting;
import aperture.admin.AccessSettings;
import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.MachineSpec;
import aperture.admin.MachineType;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.PolicyRehearsal;
import aperture.console.control.Controls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where steps are carried out. What they make has names that nobody else uses, and goes away with
 * the stage; global settings are the stage's own, and nobody else's devices follow them.
 */
final class Stage implements AutoCloseable {

  private static final long MEMORY = 64L << 20;
  private static final String DISK = "blk";
  private static final Map<String, String> DISK_OPTIONS = Map.of("store", "memory", "size", "256K");

  private final Controls controls;
  private final Relief relief;
  private final PolicyRehearsal settings;
  private final List<String> machines = new ArrayList<>();
  private final Map<MatrixRequest, List<MatrixCell>> tried = new HashMap<>();
  private final String prefix = "thread-%016x-".formatted(ThreadLocalRandom.current().nextLong());

  Stage(Controls controls, Relief relief) throws ControlException {
    this.controls = controls;
    this.relief = relief;
    this.settings = controls.policy().rehearse();
  }

  Controls controls() {
    return controls;
  }

  Relief relief() {
    return relief;
  }

  Optional<MachineType> type(String name) throws ControlException {
    return controls.machines().types().stream().filter(t -> t.type().equals(name)).findFirst();
  }

  /** Says what is missing for a step; empty when nothing is. */
  Optional<Done> absence(String setting, Site site, String driver) throws ControlException {
    if (type(site.type()).isEmpty()) {
      return Optional.of(absent(setting, site, driver, "machine type", site.type()));
    }
    boolean known =
        driver.isEmpty()
            || controls.drivers().kinds().stream().anyMatch(k -> k.kind().equals(driver));
    return known
        ? Optional.empty()
        : Optional.of(absent(setting, site, driver, "driver kind", driver));
  }

  private static Done absent(String setting, Site site, String driver, String what, String name) {
    return new Done(
        new ThreadCase(
            setting,
            site.label(),
            driver,
            ThreadCase.ABSENT,
            "%s %s is not present: start the bundle that supplies it".formatted(what, name)),
        false);
  }

  /** The same question is not tried twice. */
  List<MatrixCell> matrix(MatrixRequest request) throws ControlException, InterruptedException {
    @Nullable List<MatrixCell> known = tried.get(request);
    if (known == null) {
      known = controls.policy().matrix(request, (done, all) -> {});
      tried.put(request, known);
    }
    return known;
  }

  /** Makes a machine, and says its name. */
  String machine(Site site) throws ControlException {
    String name = prefix + machines.size();
    var _ =
        controls
            .machines()
            .create(new MachineSpec(name, site.type(), MEMORY, Optional.of(site.iommu())));
    machines.add(name);
    return name;
  }

  /**
   * Adds a disk to a machine of this stage.
   *
   * @param own the disk's setting of the offer
   * @param global the global one from here on; a disk follows its machine's row where both are
   *     unset
   */
  DeviceInfo disk(String machine, Setting own, Setting global) throws ControlException {
    settings.offer(global);
    return settings.add(
        new DeviceSpec(
            machine,
            DISK,
            Optional.of(machine + "-disk"),
            AccessSettings.of(own, Setting.UNSET, false),
            DISK_OPTIONS));
  }

  /** Ends the machine made last. */
  void endMachine() throws ControlException {
    controls.machines().destroy(machines.getLast());
    var _ = machines.removeLast();
  }

  /** Ends every machine there is, also when one does not end. */
  @Override
  public void close() throws ControlException {
    @Nullable ControlException failure = null;
    for (String machine : machines.reversed()) {
      try {
        controls.machines().destroy(machine);
      } catch (ControlException e) {
        failure = e;
      }
    }
    machines.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
