package aperture.console;

import static aperture.console.line.Texts.POLICY_EXPLAIN;
import static aperture.console.line.Texts.POLICY_MATRIX;
import static aperture.console.line.Texts.POLICY_SET;
import static aperture.console.line.Texts.POLICY_SHOW;
import static aperture.console.line.Texts.POLICY_THREAD;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.policy.MatrixProgress;
import aperture.console.policy.MatrixQuestion;
import aperture.console.policy.MatrixRun;
import aperture.console.thread.Relief;
import aperture.console.thread.ServiceRelief;
import aperture.console.thread.ThreadRun;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code policy:} whose addresses devices use. */
@Component(
    service = PolicyCommands.class,
    property = {
      "osgi.command.scope=policy",
      "osgi.command.function=explain",
      "osgi.command.function=matrix",
      "osgi.command.function=set",
      "osgi.command.function=show",
      "osgi.command.function=thread"
    })
public final class PolicyCommands {

  private final Controls controls;
  private final Known known;
  private final Relief relief;

  @Activate
  public PolicyCommands(@Reference Controls controls, BundleContext context) {
    this.controls = controls;
    this.relief = new ServiceRelief(context);
    this.known = new Known(controls);
  }

  @Descriptor(POLICY_EXPLAIN)
  public Object explain(CommandSession session, @Descriptor("DEVICE [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "policy:explain",
        session,
        line,
        call -> controls.policy().explain(known.device(call.arguments().word(0))));
  }

  @Descriptor(POLICY_MATRIX)
  public Object matrix(
      CommandSession session,
      @Descriptor(
              "[--mode N,I,T,B,W] [--driver KIND,...] [--offered on|off] [--strict on|off]"
                  + " [--unacked physical|translated] [--outcome SC,...] [--machine TYPE]"
                  + " [--per-machine] [--evidence] [--legacy on|off] [--whitelist yes|no]"
                  + " [--k6-ack yes|no] [--k6-iova va|pa] [--no-iommu-vfio on|off]"
                  + " [--xen-map on|off] [--collision on|off] [--device real|software]"
                  + " [--platform-map translating|identity] [--json]")
          String[] line)
      throws CommandFailure {
    return Runner.run(
        "policy:matrix",
        session,
        line,
        call -> {
          requireMaterial();
          MatrixQuestion question = MatrixQuestion.of(call.arguments(), known);
          return new MatrixRun(
                  controls.policy(), new MatrixProgress(DriverCommands.watcher(call), "cases"))
              .run(question, call.json() || call.arguments().has("evidence"));
        });
  }

  /** Says what an experiment lacks before words are looked up that would then be unknown. */
  private void requireMaterial() throws ControlException {
    require(controls.machines().types(), "machine types", "aperture.arch...");
    require(controls.devices().types(), "device types", "aperture.devices");
    require(controls.drivers().kinds(), "driver kinds", "aperture.guest");
  }

  private static void require(List<?> present, String what, String bundle) throws ControlException {
    if (present.isEmpty()) {
      throw new ControlException(
          ControlException.Kind.CAPABILITY_MISSING,
          "nobody supplies %s; start the bundle that does: %s".formatted(what, bundle));
    }
  }

  @Descriptor(POLICY_SET)
  public Object set(
      CommandSession session, @Descriptor("offer|strict on|off|unset [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "policy:set",
        session,
        line,
        call -> {
          Setting setting = call.arguments().setting(1);
          if (call.arguments().word(0).equals("offer")) {
            controls.policy().globalOffer(setting);
          } else {
            controls.policy().globalStrict(setting);
          }
          return settings();
        });
  }

  @Descriptor(POLICY_SHOW)
  public Object show(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run("policy:show", session, line, call -> settings());
  }

  @Descriptor(POLICY_THREAD)
  public Object thread(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "policy:thread",
        session,
        line,
        call -> {
          MatrixProgress progress = new MatrixProgress(DriverCommands.watcher(call), "rows");
          try {
            return ThreadRun.outcome(new ThreadRun(controls, relief, progress).rows(), call.json());
          } finally {
            progress.end();
          }
        });
  }

  private PolicySettings settings() throws ControlException {
    return new PolicySettings(
        controls.policy().globalOffer().word(), controls.policy().globalStrict().word());
  }
}
