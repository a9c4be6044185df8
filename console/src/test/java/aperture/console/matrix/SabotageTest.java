package aperture.console.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.AccessDecision;
import aperture.access.PathMode;
import aperture.access.Setting;
import aperture.access.UnackedAddressing;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.Outcome;
import aperture.console.matrix.SabotagedBehavior.Sabotage;
import aperture.core.internal.policy.Matrix;
import aperture.dma.DriverDma;
import aperture.guest.ModernDriverKind;
import aperture.guest.UnawareDriverKind;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuState;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.MemoryRange;
import aperture.testkit.FlatBehavior;
import aperture.virtio.DriverException;
import aperture.virtio.DriverKind;
import aperture.virtio.GuestDriver;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** One thing broken at a time: the judge must be able to find it. */
class SabotageTest {

  private static final int PAGE = 4096;
  private static final Sabotage NONE = new Sabotage() {};

  private static Outcome run(
      Sabotage sabotage,
      DriverKind driver,
      UnaryOperator<AccessDecision> instead,
      boolean collision)
      throws Exception {
    IommuBehavior behavior = new SabotagedBehavior(new FlatBehavior(), sabotage);
    try (FlatLaboratory flat = new FlatLaboratory(behavior, List.of(driver))) {
      MatrixRequest strict =
          new MatrixRequest(
              Set.of(PathMode.TRANSLATING),
              Set.of(),
              new MatrixRequest.Columns(
                  Optional.of(true), Optional.of(true), Optional.of(UnackedAddressing.PHYSICAL)),
              Optional.empty(),
              true,
              Optional.empty(),
              true,
              false,
              collision,
              Map.of());
      List<MatrixCell> cells =
          new Matrix(flat.laboratory(), instead).run(strict, (done, all) -> {});
      assertThat(cells).hasSize(1);
      return cells.get(0).outcome().orElseThrow();
    }
  }

  private static Outcome run(Sabotage sabotage) throws Exception {
    return run(sabotage, new ModernDriverKind(), UnaryOperator.identity(), false);
  }

  @Test
  void nothingBrokenWorksTranslated() throws Exception {
    assertThat(run(NONE)).isEqualTo(Outcome.WT);
    assertThat(run(NONE, new UnawareDriverKind(), UnaryOperator.identity(), false))
        .isEqualTo(Outcome.DR);
  }

  @Test
  void aTranslationToThePageOfTheSameNumberCorrupts() throws Exception {
    assertThat(
            run(
                new Sabotage() {
                  @Override
                  public void walked(long iova, WalkResult result) {
                    if (result.outcome() == WalkResult.Outcome.TRANSLATED) {
                      long page = iova & -PAGE;
                      result.translated(page, page, PAGE, Permission.of(true, true), 1);
                    }
                  }
                }))
        .isEqualTo(Outcome.SC);
  }

  @Test
  void aTranslationToTheNextPageCorruptsOrFaults() throws Exception {
    assertThat(
            run(
                new Sabotage() {
                  @Override
                  public void walked(long iova, WalkResult result) {
                    if (result.outcome() == WalkResult.Outcome.TRANSLATED) {
                      long page = iova & -PAGE;
                      result.translated(
                          page, result.gpaOf(page) + PAGE, PAGE, Permission.of(true, true), 1);
                    }
                  }
                }))
        .isIn(Outcome.SC, Outcome.DF);
  }

  @Test
  void permissionsThatAreIgnoredAreFound() throws Exception {
    assertThat(
            run(
                new Sabotage() {
                  @Override
                  public void walked(long iova, WalkResult result) {
                    if (result.outcome() == WalkResult.Outcome.TRANSLATED) {
                      long page = iova & -PAGE;
                      result.translated(
                          page, result.gpaOf(page), PAGE, Permission.of(true, true), 1);
                    }
                  }
                }))
        .isEqualTo(Outcome.SC);
  }

  @Test
  void anInvalidationThatIsForgottenIsFound() throws Exception {
    assertThat(
            run(
                new Sabotage() {
                  @Override
                  public IommuState state(IommuState state) {
                    return SabotagedBehavior.deaf(state);
                  }
                }))
        .isEqualTo(Outcome.SC);
  }

  @Test
  void aDeviceThatSkipsTheCheckOfFeaturesFaultsInsteadOfRefusing() throws Exception {
    UnaryOperator<AccessDecision> lax =
        decision ->
            new AccessDecision(
                decision.offer(),
                new aperture.access.Levels(Setting.OFF, Setting.UNSET, false).resolve("none"),
                UnackedAddressing.TRANSLATED,
                decision.wiring(),
                decision.interfaces(),
                decision.iommuCovers(),
                decision.warning());

    assertThat(run(NONE, new UnawareDriverKind(), lax, false)).isEqualTo(Outcome.DF);
    assertThat(run(NONE, new UnawareDriverKind(), lax, true)).isEqualTo(Outcome.SC);
  }

  @Test
  void aDriverThatPostsPhysicalAddressesThoughItAcceptedTheBitFaultsOrCorrupts() throws Exception {
    DriverKind lying = new PhysicalAllTheSame(new ModernDriverKind());

    assertThat(run(NONE, lying, UnaryOperator.identity(), false)).isEqualTo(Outcome.DF);
    assertThat(run(NONE, lying, UnaryOperator.identity(), true)).isEqualTo(Outcome.SC);
  }

  /** Accepts the bit, and is handed physical addresses where it asks for those of the bus. */
  private record PhysicalAllTheSame(DriverKind kind) implements DriverKind {

    @Override
    public String name() {
      return kind.name();
    }

    @Override
    public String summary() {
      return kind.summary();
    }

    @Override
    public GuestDriver probe(GuestPlatform platform, VirtioTransport device)
        throws DriverException {
      return kind.probe(new Physical(platform), device);
    }
  }

  private record Physical(GuestPlatform platform) implements GuestPlatform {

    @Override
    public String deviceName() {
      return platform.deviceName();
    }

    @Override
    public DriverDma dmaApi() {
      return platform.physical();
    }

    @Override
    public DriverDma physical() {
      return platform.physical();
    }

    @Override
    public List<MemoryRange> memory() {
      return platform.memory();
    }

    @Override
    public boolean describesIommu() {
      return platform.describesIommu();
    }
  }
}
