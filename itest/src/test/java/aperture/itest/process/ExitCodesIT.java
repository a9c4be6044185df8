package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes, unknown words, and what a run leaves to the next. */
class ExitCodesIT {

  @TempDir Path world;

  @Test
  void helpAndVersionAnswerWithoutStartingAnything() throws Exception {
    Script script = new Script(world);
    assertThat(script.run("--help").expect(0).out())
        .startsWith("Usage: aperture")
        .contains("-c", "--data", "--bundles", "demo", "Exit codes: 0 ok, 1 failed");
    assertThat(script.run("--version").expect(0).out())
        .matches("(?s)aperture \\d+\\.\\d+\\.\\d+\\S*\nJDK 2\\d.*");
    assertThat(script.leftovers()).isEmpty();
  }

  @Test
  void unknownWordsAreUsageErrorsThatNameTheNearestOne() throws Exception {
    Script script = new Script(world);
    assertThat(script.run("--bundels", "x").expect(2).err()).contains("nearest: --bundles");
    assertThat(script.run("dmeo").expect(2).err()).contains("nearest: demo");
    // Without a terminal, each line is tried whatever became of the one before.
    Result result =
        script.type(
            """
            machine:lst
            machine:create m0 pc-q35-7.22
            machine:create m0 pc-q35-7.2 --iommu intel-vdt
            machine:create m0 pc-q35-7.2 --memry 32M
            machine:create m0 pc-q35-7.2
            device:add m0 blck
            device:add m0 rng --id r0
            driver:bind r0 K3
            driver:bind r1 K2
            driver:io r0 --pattern vrify
            policy:set ofer on
            dma:translate r0 zero 8 r
            arch:swap x68 nothing.jar
            """);
    assertThat(result.err().lines().toList())
        .allMatch(line -> line.startsWith("error: "))
        .satisfiesExactly(
            line -> assertThat(line).contains("'machine:lst'", "machine:list"),
            line -> assertThat(line).contains("'pc-q35-7.22'", "pc-q35-7.2"),
            line -> assertThat(line).contains("'intel-vdt'", "intel-vtd"),
            line -> assertThat(line).contains("'--memry'", "--memory"),
            line -> assertThat(line).contains("'blck'", "blk"),
            line -> assertThat(line).contains("'K3'", "K2"),
            line -> assertThat(line).contains("'r1'", "r0"),
            line -> assertThat(line).contains("'vrify'", "verify"),
            line -> assertThat(line).contains("'ofer'", "offer"),
            line -> assertThat(line).contains("zero"),
            line -> assertThat(line).contains("'x68'", "x86"));
    result.expect(2);
  }

  @Test
  void eachFailureHasItsCode() throws Exception {
    Script script = new Script(world);
    Files.writeString(world.resolve("no.jar"), "this is no jar");
    Result failed =
        script.run("-c", "echo before; update aperture.arch.ppc no.jar; echo after").expect(1);
    assertThat(failed.out()).isEqualTo("before\n");
    assertThat(failed.err()).startsWith("error: ").hasLineCount(1);
    Result missing = script.run("-c", "dma:replay nowhere").expect(2);
    assertThat(missing.err()).startsWith("error: ").contains("nowhere").hasLineCount(1);
    script.run("--data", "lacking", "-c", "uninstall aperture.console").expect(0);
    assertThat(script.run("--data", "lacking", "demo").expect(3).err())
        .contains("no bundle provides the command");
    Path file = Files.writeString(world.resolve("file"), "no folder");
    Result wrong = script.run("--data", file.toString(), "-c", "lb").expect(2);
    assertThat(wrong.err()).startsWith("error: ").contains("is not a folder").hasLineCount(1);
  }

  @Test
  void whatABatchUninstallsIsThereAgainInTheNext() throws Exception {
    Script script = new Script(world);
    Result first =
        script.run(
            "-c",
            """
            machine:types | grep pseries-7.2
            uninstall aperture.arch.ppc
            machine:types | grep pseries || echo no pseries
            arch:list | grep ppc || echo no ppc
            """);
    assertThat(first.expect(0).out()).startsWith("pseries-7.2 ").contains("no pseries\nno ppc\n");
    assertThat(script.run("-c", "arch:list").expect(0).out()).contains("aperture.arch.ppc");
    assertThat(script.leftovers()).isEmpty();
  }

  @Test
  void withDataAnUninstalledBundleStaysAwayAndASecondProcessIsKeptOut() throws Exception {
    Script script = new Script(world);
    script.run("--data", "d", "-c", "uninstall aperture.arch.ppc; policy:set offer on").expect(0);

    Process first = script.start("--data", "d");
    try (BufferedReader out = first.inputReader(StandardCharsets.UTF_8);
        var in = first.outputWriter(StandardCharsets.UTF_8)) {
      in.write("arch:list\npolicy:show --json\necho ready\n");
      in.flush();
      List<String> said = out.lines().takeWhile(line -> !line.equals("ready")).toList();
      assertThat(said)
          .anyMatch(line -> line.startsWith("aperture.arch.x86"))
          .noneMatch(line -> line.contains("pseries"))
          .anyMatch(line -> line.contains("\"offer\":\"on\""));

      Result second = script.run("--data", "d", "-c", "lb").expect(4);
      assertThat(second.err()).contains("--data d is in use by process " + first.pid());
    }
    assertThat(first.waitFor()).isZero();
  }

  @Test
  void aStrangersJarIsDroppedInWorksAndIsTakenOutAgain() throws Exception {
    Script script = new Script(world);
    script.image("disk.img", 1 << 20);
    Path drop = Files.createDirectories(world.resolve("drop"));
    Files.copy(Path.of(System.getProperty("aperture.stranger")), drop.resolve("tern.jar"));

    Result result =
        script.run(
            "--bundles",
            "drop",
            "-c",
            """
            arch:list
            machine:create t0 tern-1.1
            device:add t0 blk --id d0 --file disk.img
            driver:bind d0 K2
            driver:io d0 --pattern scan
            driver:io d0 --pattern verify --requests 200
            dma:translate d0 0x4000 4 r --explain
            """);
    assertThat(result.expect(0).out())
        .contains("stranger.tern", "tern-bridge", "directory entry", "clean          yes");
    Files.delete(drop.resolve("tern.jar"));
    assertThat(script.run("--bundles", "drop", "-c", "arch:list").expect(0).out())
        .doesNotContain("tern");
  }
}
