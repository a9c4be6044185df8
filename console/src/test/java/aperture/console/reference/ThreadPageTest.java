package aperture.console.reference;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.MachineSpec;
import aperture.console.command.Outcome;
import aperture.console.control.EngineControls;
import aperture.console.thread.Claim;
import aperture.console.thread.Relief;
import aperture.console.thread.ThreadCase;
import aperture.console.thread.ThreadRow;
import aperture.console.thread.ThreadRun;
import aperture.core.Aperture;
import aperture.iommu.IommuBehavior;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was said in July 2015, carried out; {@code docs/thread.md} says what came of it. */
class ThreadPageTest {

  private static final Path FILE = Path.of("../docs/thread.md");
  private static final String WRITE = "reference.write";
  private static final String CURE =
      "mvn -o -q test -pl console -am -Dtest=ThreadPageTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dreference.write=true";
  private static final String USERS = "users-own";

  private static List<ThreadRow> rows;
  private static List<String> machinesAfterwards;
  private static Neighbour neighbour;

  @BeforeAll
  static void carryOut() throws Exception {
    Suppliers suppliers = Suppliers.onClassPath();
    try (Aperture engine = suppliers.engine()) {
      var _ =
          engine
              .machines()
              .create(new MachineSpec(USERS, "pc-q35-7.2", 64L << 20, Optional.empty()));
      engine.policies().globalOffer(Setting.OFF);
      engine.policies().globalStrict(Setting.OFF);
      neighbour = new Neighbour(engine, USERS);
      rows = new ThreadRun(neighbour, relief(suppliers, engine), (d, a) -> {}).rows();
      machinesAfterwards =
          engine.machines().list().stream().map(machine -> machine.name()).toList();
    }
  }

  private static Relief relief(Suppliers suppliers, Aperture engine) {
    return kind -> {
      IommuBehavior next =
          suppliers.behaviors().stream()
              .filter(behavior -> behavior.kind().equals(kind))
              .findFirst()
              .orElseThrow();
      engine.behavior(next, 1);
      return () -> engine.removeBehavior(next);
    };
  }

  static List<String> names() {
    return List.of(
        "R1", "R1b", "R2", "R3a", "R3b", "R4", "R5a", "R5b", "R5c", "R6", "R7", "R8", "S1", "S2",
        "S3", "S4", "S5", "S6", "S7");
  }

  private static ThreadRow row(String name) {
    return rows.stream().filter(row -> row.row().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void thePageSaysWhatCameOfIt() throws IOException {
    String present = Files.exists(FILE) ? Files.readString(FILE) : "# The thread\n\n";
    String wanted = new ThreadPage(rows).text(present);
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(FILE, wanted);
    }

    assertThat(FILE)
        .as("docs/thread.md is stale; this writes it anew: %s", CURE)
        .hasContent(wanted);
  }

  @Test
  void everyRowAndScenarioIsThereInOrder() {
    assertThat(rows).extracting(ThreadRow::row).containsExactlyElementsOf(names());
  }

  @ParameterizedTest
  @MethodSource("names")
  void aRowComesOutAsItsAuthorsClaim(String name) {
    assertThat(row(name).agrees()).as("%s", row(name)).isTrue();
    assertThat(row(name).claims()).isNotEmpty();
    assertThat(row(name).cases()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("names")
  void whoeverClaimsSomethingHasACaseThatTestsIt(String name) {
    for (Claim claim : row(name).claims()) {
      String author = claim.who().substring(0, claim.who().indexOf(' '));
      boolean noClaim =
          claim.outcome().startsWith("leaves it") || claim.outcome().startsWith("is not sure");
      assertThat(row(name).cases().stream().anyMatch(tried -> tested(tried).contains(author)))
          .as("%s of %s", claim, name)
          .isEqualTo(!noClaim);
    }
  }

  private static String tested(ThreadCase tried) {
    int bracket = tried.setting().indexOf('[');
    return bracket < 0 ? "" : tried.setting().substring(bracket);
  }

  @ParameterizedTest
  @ValueSource(strings = {"R1", "R1b", "R2", "R3a", "R4", "R5a", "R5b", "R7", "R8"})
  void aRowIsTriedWithTheFlagAsItComesForcedOnAndForcedOff(String name) {
    for (String flag :
        List.of("flag default", "flag off", "flag on, strict on", "flag on, strict off")) {
      assertThat(row(name).cases())
          .extracting(ThreadCase::setting)
          .as(name)
          .anyMatch(s -> s.startsWith(flag));
    }
  }

  @Test
  void noArchitectureIsAnException() {
    assertThat(row("R2").cases())
        .filteredOn(tried -> tried.setting().startsWith("flag on"))
        .allSatisfy(tried -> assertThat(tried.outcome()).isIn("WT", "WI", "WP"))
        .extracting(tried -> tried.machine().replaceAll("-.*| .*", ""))
        .contains("pc", "pseries", "mac99", "virt", "sun4u");
  }

  @Test
  void whereGuestAndHostAreNewEveryDefaultWorks() {
    assertThat(rows.stream().flatMap(row -> row.cases().stream()))
        .filteredOn(tried -> tried.driver().equals("K2"))
        .filteredOn(tried -> tried.setting().startsWith("flag default (on)"))
        .hasSizeGreaterThan(1)
        .allSatisfy(tried -> assertThat(tried.outcome()).isEqualTo("WT"));
  }

  @Test
  void aProgramCorruptsMemoryThroughADeviceThatGoesRound() {
    assertThat(row("S1").cases())
        .filteredOn(tried -> tried.setting().equals("flag off [Andy]"))
        .hasSize(2)
        .allSatisfy(tried -> assertThat(tried.outcome()).isEqualTo("SC"));
  }

  @Test
  void whatWasMadeIsGone() {
    assertThat(machinesAfterwards).containsExactly(USERS);
  }

  @Test
  void theGlobalSettingsOfThePlatformAreNeitherReadNorWritten() {
    assertThat(neighbour.touched()).isEmpty();
  }

  @Test
  void aDeviceThatSomebodyElseAddsMeanwhileFollowsTheGlobalSettingsOfThePlatform() {
    assertThat(neighbour.rehearsed()).contains(Setting.ON, Setting.OFF, Setting.UNSET);
    assertThat(neighbour.offers())
        .hasSameSizeAs(neighbour.rehearsed())
        .allSatisfy(offer -> assertThat(offer).startsWith("off: global setting"));
  }

  @Test
  void theCommandSucceedsWhenEveryRowDid() {
    assertThat(ThreadRun.outcome(rows, true).failure()).isEmpty();
    assertThat(ThreadRun.outcome(rows, false).result().toString())
        .contains("R5b: old kernel, new QEMU", "agrees: as claimed", "Ben Herrenschmidt: ");
  }

  @Test
  void aRowThatDoesNotComeOutAsClaimedFailsTheCommand() {
    ThreadRow good = row("R1");
    ThreadRow bad = new ThreadRow("R1", good.title(), good.claims(), good.cases(), false, "");

    Outcome outcome = ThreadRun.outcome(List.of(bad, row("R2")), false);

    assertThat(outcome.failure()).contains("1 of 2 rows", "R1");
    assertThat(outcome.kind().exitCode()).isEqualTo(1);
    assertThat(outcome.result().toString()).contains("DOES NOT AGREE");
  }

  @Test
  void withoutDriversMachinesOrDevicesEveryRowSaysLoudlyWhatIsMissing() throws Exception {
    try (Aperture empty = Aperture.standalone()) {
      List<ThreadRow> nothing =
          new ThreadRun(
                  new EngineControls(empty),
                  kind -> {
                    throw ControlException.failed("nobody supplies " + kind);
                  },
                  (d, a) -> {})
              .rows();

      assertThat(nothing).hasSize(names().size());
      assertThat(nothing)
          .allSatisfy(row -> {
            assertThat(row.agrees()).isFalse();
            assertThat(row.note()).startsWith("NOT ALL WAS TRIED: machine type");
          });
      assertThat(ThreadRun.outcome(nothing, true).kind().exitCode()).isEqualTo(3);
    }
  }

  @Test
  void everyStatementIsListedOnce() {
    assertThat(Statements.all())
        .extracting(Statement::id)
        .containsExactlyElementsOf(
            Stream.of(ids("A", 18), ids("B", 13), ids("J", 2), ids("D", 7))
                .flatMap(s -> s)
                .toList());
  }

  private static Stream<String> ids(String letter, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(number -> letter + number);
  }

  static List<Statement> statements() {
    return Statements.all();
  }

  @ParameterizedTest
  @MethodSource("statements")
  void theTestsOfAStatementExist(Statement statement) throws IOException {
    assertThat(statement.tests()).isNotEmpty();
    for (Statement.Test test : statement.tests()) {
      Path source =
          Path.of("..", test.module(), "src/test/java", test.type().replace('.', '/') + ".java");
      assertThat(source).exists();
      assertThat(
              Pattern.compile(
                      "@(?:Parameterized)?Test\\b(?:(?!\\bvoid\\b).)*\\bvoid "
                          + test.method()
                          + "\\(",
                      Pattern.DOTALL)
                  .matcher(Files.readString(source))
                  .find())
          .as("%s in %s", test.method(), source)
          .isTrue();
      assertThat(test.row())
          .satisfiesAnyOf(
              row -> assertThat(row).isEmpty(), row -> assertThat(names()).contains(row));
    }
  }
}
