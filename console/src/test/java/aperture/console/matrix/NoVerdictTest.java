package aperture.console.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.PathMode;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.Outcome;
import aperture.console.control.FakeJob;
import aperture.console.reference.Suppliers;
import aperture.core.Aperture;
import aperture.core.internal.policy.Matrix;
import aperture.guest.ModernDriverKind;
import aperture.testkit.FlatBehavior;
import aperture.virtio.DriverException;
import aperture.virtio.DriverKind;
import aperture.virtio.DriverStatus;
import aperture.virtio.GuestDriver;
import aperture.virtio.GuestPlatform;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.VirtioTransport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A case that comes to no verdict says why in a cell of its own, and ends no other. */
class NoVerdictTest {

  private static final DriverKind GOOD = new ModernDriverKind();

  private static final DriverKind UNABLE =
      new Broken() {
        @Override
        public GuestDriver probe(GuestPlatform platform, VirtioTransport device)
            throws DriverException {
          throw new DriverException("no room for rings");
        }
      };

  private final AtomicInteger told = new AtomicInteger();

  private static MatrixRequest request(Set<PathMode> modes, boolean perMachine) {
    return new MatrixRequest(
        modes,
        Set.of(),
        MatrixRequest.Columns.ALL,
        Optional.empty(),
        perMachine,
        Optional.empty(),
        true,
        false,
        false,
        Map.of());
  }

  /** Cells of a good driver and a broken one. */
  private List<MatrixCell> cells(DriverKind broken) throws Exception {
    try (FlatLaboratory flat = new FlatLaboratory(new FlatBehavior(), List.of(GOOD, broken))) {
      return new Matrix(flat.laboratory())
          .run(request(Set.of(), true), (done, all) -> told.incrementAndGet());
    }
  }

  private static List<MatrixCell> of(DriverKind kind, List<MatrixCell> cells) {
    return cells.stream().filter(cell -> cell.driver().equals(kind.name())).toList();
  }

  private static void assertOthersWentOn(List<MatrixCell> cells, DriverKind broken) {
    assertThat(of(GOOD, cells))
        .hasSameSizeAs(of(broken, cells))
        .isNotEmpty()
        .allSatisfy(cell -> assertThat(cell.outcome()).isPresent())
        .extracting(MatrixCell::outcome)
        .contains(Optional.of(Outcome.WT), Optional.of(Outcome.WP));
  }

  @Test
  void anExceptionThatNobodyExpects() throws Exception {
    DriverKind broken =
        new Broken() {
          @Override
          public GuestDriver probe(GuestPlatform platform, VirtioTransport device) {
            throw new IllegalStateException("a driver's own mistake");
          }
        };

    List<MatrixCell> cells = cells(broken);

    assertOthersWentOn(cells, broken);
    assertThat(told).hasValue(cells.size());
    assertThat(of(broken, cells))
        .allSatisfy(cell -> {
          assertThat(cell.outcome()).isEmpty();
          assertThat(cell.evidence()).isEmpty();
          assertThat(cell.reason())
              .isEqualTo("java.lang.IllegalStateException: a driver's own mistake");
        });
  }

  @Test
  void aBundleWhoseClassesAreGone() throws Exception {
    DriverKind broken =
        new Broken() {
          @Override
          public GuestDriver probe(GuestPlatform platform, VirtioTransport device) {
            throw new NoClassDefFoundError("driver/Helper");
          }
        };

    List<MatrixCell> cells = cells(broken);

    assertOthersWentOn(cells, broken);
    assertThat(of(broken, cells))
        .allSatisfy(cell -> assertThat(cell.reason()).contains("driver/Helper"));
  }

  @Test
  void aDriverThatCannotBeBroughtUpSaysWhyInItsOwnWords() throws Exception {
    List<MatrixCell> cells = cells(UNABLE);

    assertOthersWentOn(cells, UNABLE);
    assertThat(of(UNABLE, cells))
        .allSatisfy(cell -> assertThat(cell.reason()).isEqualTo("no room for rings"));
  }

  @Test
  void requestsThatAreNotAnsweredInTime() throws Exception {
    DriverKind broken =
        new Broken() {
          @Override
          public GuestDriver probe(GuestPlatform platform, VirtioTransport device)
              throws DriverException {
            return new Unanswered(GOOD.probe(platform, device));
          }
        };

    List<MatrixCell> cells = cells(broken);

    assertOthersWentOn(cells, broken);
    // Elsewhere the device may fault, or find no ring, as soon as the driver is up.
    assertThat(of(broken, cells))
        .filteredOn(cell -> cell.mode().equals("N"))
        .isNotEmpty()
        .allSatisfy(cell -> {
          assertThat(cell.outcome()).isEmpty();
          assertThat(cell.evidence()).contains("requests");
          assertThat(cell.reason())
              .startsWith("what was seen fits no outcome")
              .endsWith("; I/O did not end within 20 s");
        });
  }

  @Test
  void machinesAreNotPutTogetherWhereThereIsNoVerdict() throws Exception {
    try (Aperture engine = Suppliers.onClassPath().engine().driverKind(UNABLE)) {
      List<MatrixCell> cells =
          engine.policies().matrix(request(Set.of(PathMode.NONE), false), (done, all) -> {});

      assertThat(of(GOOD, cells)).anySatisfy(cell -> assertThat(cell.machines()).contains(", "));
      assertThat(of(UNABLE, cells))
          .hasSizeGreaterThan(of(GOOD, cells).size())
          .allSatisfy(cell -> assertThat(cell.machines()).doesNotContain(","));
    }
  }

  private abstract static class Broken implements DriverKind {

    @Override
    public String name() {
      return "broken";
    }

    @Override
    public String summary() {
      return "breaks";
    }
  }

  /** A driver whose requests are never all answered. */
  private record Unanswered(GuestDriver driver) implements GuestDriver {

    @Override
    public DriverStatus status() {
      return driver.status();
    }

    @Override
    public void reset() throws DriverException {
      driver.reset();
    }

    @Override
    public IoJob start(IoPlan plan) {
      return FakeJob.endless();
    }

    @Override
    public void close() {
      driver.close();
    }
  }
}
