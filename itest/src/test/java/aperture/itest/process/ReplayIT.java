package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aperture.itest.lab.Arch;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Captures are replayed: recorded ones, our own, and damaged copies of them. */
class ReplayIT {

  private static final Path RECORDED = Path.of(System.getProperty("aperture.captures"));

  @TempDir Path world;

  @Test
  void recordedCapturesAgreeAndADamagedCopyOfEachKindDoesNot() throws Exception {
    assumeTrue(
        Files.isDirectory(RECORDED),
        "NO RECORDED CAPTURES: " + RECORDED + " does not exist, nothing was compared");
    List<Path> captures = folders(RECORDED);
    assertThat(captures).isNotEmpty();
    Script script = new Script(world);

    Result result = script.run("-c", "dma:replay --json " + words(captures));

    List<JsonObject> rows = rows(result.expect(0));
    assertThat(rows).hasSameSizeAs(captures);
    assertThat(rows).allSatisfy(ReplayIT::agrees);
    damagedCopiesFail(script, rows, captures);
  }

  @Test
  void ourOwnCapturesAgreeAndADamagedCopyOfEachKindDoesNot() throws Exception {
    Script script = new Script(world);
    StringBuilder batch = new StringBuilder();
    List<Path> captures = new ArrayList<>();
    for (Arch arch : Arch.values()) {
      String name = arch.name();
      script.image(name + ".img", 1 << 20);
      captures.add(world.resolve("captured-" + name));
      batch.append(
          """
          machine:create %1$s %2$s --memory 32M --iommu %3$s
          device:add %1$s blk --id %1$s-d --access-platform on --file %1$s.img
          driver:bind %1$s-d K2
          driver:io %1$s-d --requests 50
          dma:capture %1$s captured-%1$s
          """
              .formatted(name, type(arch), arch.kind()));
    }
    script.run("-c", batch.toString()).expect(0);

    List<JsonObject> rows =
        rows(script.run("-c", "dma:replay --json " + words(captures)).expect(0));

    assertThat(rows)
        .extracting(row -> row.getString("iommu"))
        .containsExactly(Stream.of(Arch.values()).map(Arch::kind).toArray(String[]::new));
    assertThat(rows).allSatisfy(ReplayIT::agrees);
    damagedCopiesFail(script, rows, captures);
  }

  private static String type(Arch arch) {
    return switch (arch) {
      case X86 -> "pc-q35-7.2";
      case PPC -> "pseries-7.2";
      case ARM64 -> "virt-7.2";
      case SPARC -> "sun4u";
    };
  }

  /** Two copies for each kind: one with other tables, one with another answer on record. */
  private void damagedCopiesFail(Script script, List<JsonObject> rows, List<Path> captures)
      throws Exception {
    TreeMap<String, Path> oneOfEachKind = new TreeMap<>();
    for (int i = 0; i < rows.size(); i++) {
      oneOfEachKind.putIfAbsent(rows.get(i).getString("iommu"), captures.get(i));
    }
    List<Path> damaged = new ArrayList<>();
    for (Path capture : oneOfEachKind.values()) {
      damaged.add(
          CaptureDamage.ofTables(capture, world.resolve("tables-" + capture.getFileName())));
      damaged.add(
          CaptureDamage.ofAnswer(capture, world.resolve("answer-" + capture.getFileName())));
    }

    Result result = script.run("-c", "dma:replay --json " + words(damaged)).expect(1);

    assertThat(result.err()).contains("did not agree");
    assertThat(rows(result))
        .hasSameSizeAs(damaged)
        .allSatisfy(row -> {
          assertThat(row.getInt("agree")).as(row.toString()).isLessThan(row.getInt("answers"));
          assertThat(row.getJsonArray("disagreements")).as(row.toString()).isNotEmpty();
        });
  }

  private static void agrees(JsonObject row) {
    assertThat(row.getInt("answers")).as(row.toString()).isPositive();
    assertThat(row.getInt("agree")).as(row.toString()).isEqualTo(row.getInt("answers"));
  }

  private static List<JsonObject> rows(Result result) {
    return Transcript.json("dma:replay", result.out()).asJsonArray().getValuesAs(JsonObject.class);
  }

  private static String words(List<Path> paths) {
    return String.join(" ", paths.stream().map(path -> "'" + path + "'").toList());
  }

  private static List<Path> folders(Path parent) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children.filter(Files::isDirectory).sorted().map(Path::toAbsolutePath).toList();
    }
  }
}
