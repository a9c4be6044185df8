package aperture.console.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.PathMode;
import aperture.access.Wiring;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.Outcome;
import aperture.console.reference.Suppliers;
import aperture.core.Aperture;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every case on machines of every architecture, against what the rules say on paper. */
class MatrixTest {

  private static final Expected TABLE =
      Expected.of(
          """
          N K1a WP NB NB NB
          N K1b WP DR WP WP
          N K2  WP WP WP WP
          N K3a WP WP WP WP
          N K4  WP WP WP WP
          N K3b DD WP WP WP
          N K5  WP WP WP WP
          N K6  DD DD DD DD
          I K1a WI NB NB NB
          I K1b WI DR WP WI
          I K2  WI WI WI WI
          I K3a WI WI WI WI
          I K4  WI WI WI WI
          I K3b DD WI WI WI
          I K5  WI WI WI WI
          I K6  WT WT WT WT
          T K1a DF NB NB NB
          T K1b DF DR WX DF
          T K2  DF WT WT WT
          T K3a DD WT WT WT
          T K3b DD WT WT WT
          T K4  DD WT WT WT
          T K5  DF DF DF DF
          T K6  WT WT WT WT
          B K1a WP NB NB NB
          B K1b WP DR WX WX
          B K2  WP SC SC SC
          B K3a DD SC SC SC
          B K3b DD SC SC SC
          B K4  DD SC SC SC
          B K5  WP WX WX WX
          B K6  SC SC SC SC
          W K1a WP NB NB NB
          W K1b WP DR WP DF
          W K2  WP WT WT WT
          W K3a WP WT WT WT
          W K4  WP WT WT WT
          W K3b DD WT WT WT
          W K5  -  -  -  -
          W K6  DD DD DD DD
          """);

  private static Aperture engine;

  @BeforeAll
  static void start() {
    engine = Suppliers.onClassPath().engine();
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  private static List<MatrixCell> run(MatrixRequest request) throws Exception {
    return engine.policies().matrix(request, (done, all) -> {});
  }

  /** Cells of machines whose windows of IOVAs can be where memory is. */
  private static List<MatrixCell> whereNumbersMeet(List<MatrixCell> cells) {
    return cells.stream().filter(cell -> !cell.machines().startsWith("sun4")).toList();
  }

  private static void assertAsWritten(List<MatrixCell> cells, Expected expected) {
    assertThat(cells).isNotEmpty();
    assertThat(cells)
        .filteredOn(expected::says)
        .allSatisfy(cell ->
            assertThat(cell.outcome().map(Outcome::name))
                .as("%s", cell)
                .contains(expected.at(cell)));
  }

  /** A request of some modes and drivers with parameters. */
  private static MatrixRequest request(
      Set<PathMode> modes, Set<String> drivers, Map<String, String> options) {
    return new MatrixRequest(
        modes,
        drivers,
        MatrixRequest.Columns.ALL,
        Optional.empty(),
        true,
        Optional.empty(),
        true,
        false,
        false,
        options);
  }

  @Test
  void t16EveryCellOnEveryMachineComesOutAsWritten() throws Exception {
    AtomicInteger told = new AtomicInteger();
    List<MatrixCell> cells =
        engine
            .policies()
            .matrix(request(Set.of(), Set.of(), Map.of()), (done, all) -> told.incrementAndGet());

    assertAsWritten(cells, TABLE);
    assertThat(told).hasValue(cells.size());
    assertThat(cells).extracting(MatrixCell::mode).contains("N", "I", "T", "B", "W");
    assertThat(cells)
        .extracting(MatrixCell::driver)
        .contains("K1a", "K1b", "K2", "K3a", "K3b", "K4", "K5", "K6");
  }

  @Test
  void cellsOnWhichMachinesAgreeAreOneRow() throws Exception {
    MatrixRequest all = MatrixRequest.ALL;
    List<MatrixCell> cells =
        run(
            new MatrixRequest(
                Set.of(PathMode.NONE),
                Set.of("K2"),
                all.columns(),
                all.machine(),
                false,
                all.device(),
                all.legacy(),
                all.identityMap(),
                all.collision(),
                Map.of()));

    assertThat(cells).hasSize(4);
    assertThat(cells.get(0).machines().split(", ")).hasSizeGreaterThanOrEqualTo(4);
  }

  @Test
  void oneMachineTypeAloneHasTheModesThatItCanHave() throws Exception {
    MatrixRequest all = MatrixRequest.ALL;
    List<MatrixCell> cells =
        run(
            new MatrixRequest(
                Set.of(),
                Set.of("K2"),
                all.columns(),
                Optional.of("pseries-7.2"),
                true,
                all.device(),
                all.legacy(),
                all.identityMap(),
                all.collision(),
                Map.of()));

    assertThat(cells).extracting(MatrixCell::mode).containsOnly("T", "B");
    assertThat(cells).extracting(MatrixCell::machines).containsOnly("pseries-7.2 spapr-tce");
    assertAsWritten(cells, TABLE);
  }

  @Test
  void withoutLegacyRegistersALegacyDriverNeverBinds() throws Exception {
    MatrixRequest all = MatrixRequest.ALL;
    List<MatrixCell> cells =
        run(
            new MatrixRequest(
                Set.of(PathMode.NONE, PathMode.BYPASS),
                Set.of("K1a"),
                all.columns(),
                all.machine(),
                true,
                all.device(),
                false,
                false,
                false,
                Map.of()));

    assertAsWritten(
        cells,
        Expected.of(
            """
            N K1a NB NB NB NB
            B K1a NB NB NB NB
            """));
  }

  @Test
  void t10AWhitelistedDeviceWorksWhereItGoesThroughTheIommuAndCorruptsWhereItDoesNot()
      throws Exception {
    List<MatrixCell> cells =
        run(
            request(
                Set.of(PathMode.TRANSLATING, PathMode.BYPASS),
                Set.of("K4"),
                Map.of("whitelist", "yes")));

    assertAsWritten(
        cells,
        Expected.of(
            """
            T K4 WT WT WT WT
            B K4 SC SC SC SC
            """));
  }

  @Test
  void t18XenWorksBehindAnIommuOnlyWhereItMappedMachineMemory() throws Exception {
    List<MatrixCell> cells =
        run(request(Set.of(PathMode.TRANSLATING), Set.of("K5"), Map.of("map", "identity")));

    assertAsWritten(whereNumbersMeet(cells), Expected.of("T K5 WI WI WI WI"));
  }

  @Test
  void t18GrantsAreNoAddressesOfAPlainDevice() throws Exception {
    List<MatrixCell> cells =
        run(request(Set.of(PathMode.NONE, PathMode.TRANSLATING), Set.of("K5g"), Map.of()));

    assertAsWritten(
        cells,
        Expected.of(
            """
            N K5g DD DF DF DF
            T K5g DD DF DF DF
            """));
  }

  @Test
  void t19AProgramThatDoesNotAcceptTheBitIsRefusedOrCorrupts() throws Exception {
    List<MatrixCell> cells =
        run(request(Set.of(PathMode.TRANSLATING), Set.of("K6"), Map.of("ack", "no")));

    assertAsWritten(cells, Expected.of("T K6 WT DR SC WT"));
  }

  @Test
  void t19AProgramThatUsesPhysicalNumbersWorksAndIsNotHeldBack() throws Exception {
    assertAsWritten(
        whereNumbersMeet(
            run(
                request(
                    Set.of(PathMode.TRANSLATING),
                    Set.of("K6"),
                    Map.of("ack", "no", "iova", "pa")))),
        Expected.of("T K6 WT DR WX WT"));
    assertAsWritten(
        whereNumbersMeet(run(request(Set.of(PathMode.BYPASS), Set.of("K6"), Map.of("iova", "pa")))),
        Expected.of("B K6 WX WX WX WX"));
  }

  @Test
  void t19AProgramWithoutAGroupReachesEverything() throws Exception {
    assertAsWritten(
        run(
            request(
                Set.of(PathMode.NONE, PathMode.WINDOW), Set.of("K6"), Map.of("no-iommu", "on"))),
        Expected.of(
            """
            N K6 WX WX WX WX
            W K6 WX DF DF DF
            """));
  }

  @Test
  void t17AModernDriverThatNeverAcceptsVersion1IsRefusedInEveryColumn() throws Exception {
    assertAsWritten(
        run(request(Set.of(PathMode.NONE, PathMode.TRANSLATING), Set.of("K1c"), Map.of())),
        Expected.of(
            """
            N K1c DR DR DR DR
            T K1c DR DR DR DR
            """));
  }

  @Test
  void t9AnIdentityMapLetsADriverPassThatLooksAtAddresses() throws Exception {
    MatrixRequest all = MatrixRequest.ALL;
    List<MatrixCell> cells =
        run(
            new MatrixRequest(
                Set.of(PathMode.BYPASS),
                Set.of("K3a"),
                all.columns(),
                all.machine(),
                true,
                all.device(),
                true,
                true,
                false,
                Map.of()));

    assertAsWritten(cells, Expected.of("B K3a WP WP WP WP"));
  }

  @Test
  void aCollisionTurnsAFaultIntoCorruption() throws Exception {
    MatrixRequest all = MatrixRequest.ALL;
    List<MatrixCell> cells =
        run(
            new MatrixRequest(
                Set.of(PathMode.TRANSLATING),
                Set.of("K1b", "K2"),
                all.columns(),
                all.machine(),
                true,
                all.device(),
                true,
                false,
                true,
                Map.of()));

    assertAsWritten(
        whereNumbersMeet(cells),
        Expected.of(
            """
            T K1b SC DR WX SC
            T K2  SC WT WT WT
            """));
  }

  @Test
  void aPhysicalFunctionBehindWindowsFaultsOnPhysicalAddresses() throws Exception {
    MatrixRequest all = MatrixRequest.ALL;
    List<MatrixCell> cells =
        run(
            new MatrixRequest(
                Set.of(PathMode.WINDOW),
                Set.of("K1a", "K1b", "K2", "K3b", "K6"),
                all.columns(),
                all.machine(),
                true,
                Optional.of(Wiring.HARDWARE),
                true,
                false,
                false,
                Map.of()));

    assertAsWritten(
        cells,
        Expected.of(
            """
            W K1a DF NB NB NB
            W K1b DF DR WP DF
            W K2  DF WT WT WT
            W K3b DD WT WT WT
            W K6  DD DD DD DD
            """));
  }
}
