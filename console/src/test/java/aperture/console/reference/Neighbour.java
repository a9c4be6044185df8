package aperture.console.reference;

import aperture.access.Setting;
import aperture.admin.AccessSettings;
import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.PolicyControl;
import aperture.admin.PolicyExplanation;
import aperture.admin.PolicyRehearsal;
import aperture.console.control.EngineControls;
import aperture.core.Aperture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * An engine that somebody else uses too: whenever a setting is rehearsed, and in force, a device is
 * added to the other one's machine, and what was decided for it is noted.
 */
final class Neighbour extends EngineControls {

  private final Aperture engine;
  private final String machine;
  private final List<Setting> rehearsed = new ArrayList<>();
  private final List<String> offers = new ArrayList<>();
  private final List<String> touched = new ArrayList<>();

  /**
   * @param machine the other one's
   */
  Neighbour(Aperture engine, String machine) {
    super(engine);
    this.engine = engine;
    this.machine = machine;
  }

  /** Settings of the offer that were rehearsed. */
  List<Setting> rehearsed() {
    return List.copyOf(rehearsed);
  }

  /** The offer of the other one's device, and why, at each of them. */
  List<String> offers() {
    return List.copyOf(offers);
  }

  /** Accesses to the platform's own settings. */
  List<String> touched() {
    return List.copyOf(touched);
  }

  private void lookFromOutside() {
    try {
      String id =
          engine
              .devices()
              .add(
                  new DeviceSpec(
                      machine,
                      "blk",
                      Optional.empty(),
                      AccessSettings.of(Setting.UNSET, Setting.UNSET, false),
                      Map.of("store", "memory", "size", "256K")))
              .id();
      offers.add(engine.policies().explain(id).offerProvenance());
      engine.devices().remove(id);
    } catch (ControlException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public PolicyControl policy() {
    return new Watched(engine.policies());
  }

  private final class Watched implements PolicyControl {

    private final PolicyControl policies;

    Watched(PolicyControl policies) {
      this.policies = policies;
    }

    @Override
    public PolicyExplanation explain(String device) throws ControlException {
      return policies.explain(device);
    }

    @Override
    public List<MatrixCell> matrix(MatrixRequest request, BiConsumer<Integer, Integer> progress)
        throws ControlException, InterruptedException {
      return policies.matrix(request, progress);
    }

    @Override
    public Setting globalOffer() {
      touched.add("offer read");
      return policies.globalOffer();
    }

    @Override
    public Setting globalStrict() {
      touched.add("strict read");
      return policies.globalStrict();
    }

    @Override
    public void globalOffer(Setting setting) {
      touched.add("offer " + setting);
      policies.globalOffer(setting);
    }

    @Override
    public void globalStrict(Setting setting) {
      touched.add("strict " + setting);
      policies.globalStrict(setting);
    }

    @Override
    public PolicyRehearsal rehearse() {
      PolicyRehearsal own = policies.rehearse();
      return new PolicyRehearsal() {
        @Override
        public void offer(Setting setting) {
          own.offer(setting);
          rehearsed.add(setting);
          lookFromOutside();
        }

        @Override
        public void strict(Setting setting) {
          own.strict(setting);
        }

        @Override
        public DeviceInfo add(DeviceSpec spec) throws ControlException {
          return own.add(spec);
        }
      };
    }
  }
}
