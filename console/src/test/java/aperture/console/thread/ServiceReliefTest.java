package aperture.console.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.ControlException;
import aperture.iommu.IommuBehavior;
import aperture.testkit.FlatBehavior;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** In a real framework: another supplier outranks the present one, for a while. */
class ServiceReliefTest {

  @TempDir private Path folder;
  private Framework framework;
  private BundleContext context;
  private final IommuBehavior present = new FlatBehavior();

  @BeforeEach
  void start() throws Exception {
    framework =
        ServiceLoader.load(FrameworkFactory.class)
            .findFirst()
            .orElseThrow()
            .newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.toString()));
    framework.start();
    context = framework.getBundleContext();
  }

  @AfterEach
  void stop() throws Exception {
    framework.stop();
    framework.waitForStop(0);
  }

  private void register(int ranking) {
    context.registerService(
        IommuBehavior.class,
        present,
        FrameworkUtil.asDictionary(
            Map.of(
                IommuBehavior.KIND_PROPERTY, present.kind(), Constants.SERVICE_RANKING, ranking)));
  }

  private IommuBehavior best() {
    ServiceReference<IommuBehavior> best = context.getServiceReference(IommuBehavior.class);
    return context.getService(best);
  }

  @Test
  void theOtherSupplierIsTheBestUntilItsTurnIsOver() throws Exception {
    register(7);

    try (Relief.Turn _ = new ServiceRelief(context).replace(present.kind())) {
      assertThat(best()).isEqualTo(new Successor(present));
    }

    assertThat(best()).isSameAs(present);
  }

  @Test
  void theOtherSupplierDoesAsThePresentOne() {
    Successor next = new Successor(present);

    assertThat(next.kind()).isEqualTo(present.kind());
    assertThat(next.stateVersion()).isEqualTo(present.stateVersion());
    assertThat(next.capabilities()).isEqualTo(present.capabilities());
    assertThat(next.options()).isEqualTo(present.options());
    assertThat(next.mappedRegisters("any")).isEqualTo(present.mappedRegisters("any"));
  }

  @Test
  void withoutAnyTheCapabilityIsMissing() {
    assertThatThrownBy(() -> new ServiceRelief(context).replace("nowhere"))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(3));
  }
}
