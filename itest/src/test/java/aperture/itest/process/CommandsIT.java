package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.DeviceInfo;
import aperture.admin.DeviceStats;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.Diagnosis;
import aperture.admin.DriverInfo;
import aperture.admin.DriverKindInfo;
import aperture.admin.MachineInfo;
import aperture.admin.MachineType;
import aperture.admin.MappingInfo;
import aperture.admin.MatrixCell;
import aperture.admin.PolicyExplanation;
import aperture.itest.lab.Bundles;
import aperture.itest.lab.JarCopy;
import jakarta.json.JsonObject;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the console, in both of its forms, in two starts. */
class CommandsIT {

  private static final List<String> IO_FIELDS =
      List.of(
          "device",
          "pattern",
          "clean",
          "running",
          "submitted",
          "completed",
          "failed",
          "lost",
          "repeated",
          "mismatches",
          "bytesRead",
          "bytesWritten",
          "sha256",
          "elapsed",
          "longestStall",
          "reason");

  @TempDir Path world;

  /**
   * All but demo and serve, which have tests of their own; {@code %s} takes {@code --json} or
   * nothing.
   */
  private static List<String> commands(Path jar, String json) {
    return List.of(
            "aperture:version %s",
            "aperture:commands %s",
            "arch:list %s",
            "machine:types %s",
            "machine:create m0 pc-q35-7.2 --memory 32M --iommu intel-vtd %s",
            "machine:list %s",
            "machine:show m0 %s",
            "device:types %s",
            "device:add m0 blk --id d0 --access-platform on --file disk.img %s",
            "device:list %s",
            "driver:kinds %s",
            "driver:bind d0 K2 %s",
            "driver:show d0 %s",
            "device:show d0 %s",
            "driver:io d0 --pattern scan %s",
            "driver:io d0 --background --pattern verify --seed 3 %s",
            "arch:swap x86 " + jar + " %s",
            "driver:wait d0 --stop --timeout 60 %s",
            "device:stats d0 %s",
            "device:why d0 %s",
            "device:resize d0 2M %s",
            "dma:mappings m0 %s",
            "dma:translate d0 0x1000 16 r --explain %s",
            "dma:faults %s",
            "dma:capture m0 captured %s",
            "dma:replay captured %s",
            "policy:explain d0 %s",
            "policy:show %s",
            "policy:matrix --mode N,T --driver K2 %s",
            "policy:thread %s",
            "policy:set strict off %s",
            "driver:reset d0 %s",
            "vhost:serve blk --name v0 --socket-path v0.sock --store memory --size 4M %s",
            "vhost:list %s",
            "vhost:show v0 %s",
            "vhost:resize v0 8M %s",
            "vhost:stop v0",
            "driver:unbind d0",
            "device:remove d0",
            "machine:destroy m0")
        .stream()
        .map(command -> command.formatted(json).strip())
        .toList();
  }

  private static Path newer(Path folder) throws Exception {
    return JarCopy.ofVersion(Bundles.shipped("aperture.arch.x86"), "0.1.1", folder);
  }

  @Test
  void everyCommandPrintsOneJsonDocumentWithItsFields() throws Exception {
    Script script = new Script(world);
    script.image("disk.img", 1 << 20);
    List<String> commands = commands(newer(world), "--json");
    Transcript said = Transcript.of(script, commands);
    said.result().expect(0);

    everyCommandIsAmong(commands, said);
    has(said.object("aperture:version"), List.of("aperture", "java", "framework", "os"));
    has(
        said.first("arch:list"),
        List.of("bundle", "version", "state", "families", "kinds", "machines"));
    has(said.first("machine:types"), MachineType.class);
    has(said.object("machine:create"), MachineInfo.class);
    has(said.first("machine:list"), MachineInfo.class);
    has(said.object("machine:show"), MachineInfo.class);
    has(said.first("device:types"), DeviceTypeInfo.class);
    has(said.object("device:add"), DeviceInfo.class);
    has(said.first("device:list"), DeviceInfo.class);
    has(said.object("device:show"), DeviceInfo.class);
    has(said.object("device:stats"), DeviceStats.class);
    has(said.object("device:why"), Diagnosis.class);
    has(said.object("device:resize"), List.of("id", "bytes"));
    has(said.first("driver:kinds"), DriverKindInfo.class);
    has(said.object("driver:bind"), DriverInfo.class);
    has(said.object("driver:show"), DriverInfo.class);
    has(said.object("driver:reset"), DriverInfo.class);
    has(said.object("driver:io"), IO_FIELDS);
    has(said.object("driver:wait"), IO_FIELDS);
    has(
        said.object("arch:swap"),
        List.of("bundle", "from", "to", "machines", "pauseMicros", "workMicros", "reports"));
    has(said.first("dma:mappings"), MappingInfo.class);
    has(
        said.object("dma:translate"),
        List.of("device", "iova", "length", "access", "ok", "ranges", "steps", "fault"));
    assertThat(said.json("dma:faults").asJsonArray()).isEmpty();
    has(said.object("dma:capture"), List.of("machine", "iommu", "folder", "pages", "answers"));
    has(said.first("dma:replay"), List.of("capture", "iommu", "answers", "agree", "disagreements"));
    has(said.object("policy:explain"), PolicyExplanation.class);
    has(said.object("policy:show"), List.of("offer", "strict"));
    has(said.first("policy:matrix"), MatrixCell.class);
    has(said.first("policy:thread"), List.of("row", "title", "claims", "cases", "agrees", "note"));
    has(said.object("policy:set"), List.of("offer", "strict"));

    has(said.object("vhost:serve"), List.of("server", "qemu"));
    has(
        said.first("vhost:list"),
        List.of("name", "type", "socket", "queues", "state", "offer", "connections"));
    has(
        said.object("vhost:show"),
        List.of("server", "features", "protocolFeatures", "queues", "iotlb", "broken", "details"));
    has(said.object("vhost:resize"), List.of("name", "bytes", "guest"));

    whatItSaysIsTrue(said);
    assertThat(script.leftovers()).isEmpty();
  }

  private static void whatItSaysIsTrue(Transcript said) {
    JsonObject scan = said.object("driver:io");
    assertThat(scan.getBoolean("clean")).isTrue();
    assertThat(scan.getJsonNumber("bytesRead").longValue()).isEqualTo(1 << 20);
    JsonObject verify = said.object("driver:wait");
    assertThat(verify.getBoolean("clean")).isTrue();
    assertThat(verify.getJsonNumber("completed").longValue()).isPositive();
    JsonObject swap = said.object("arch:swap");
    assertThat(swap.getString("to")).isEqualTo("0.1.1");
    assertThat(swap.getInt("machines")).isEqualTo(1);
    assertThat(said.object("device:show").getString("accepted")).isEqualTo("yes");
    assertThat(said.object("device:why").getBoolean("healthy")).isTrue();
    assertThat(said.object("policy:set").getString("strict")).isEqualTo("off");
    assertThat(said.object("device:resize").getInt("bytes")).isEqualTo(2 << 20);
    JsonObject replay = said.first("dma:replay");
    assertThat(replay.getInt("answers")).isPositive().isEqualTo(replay.getInt("agree"));
  }

  /** A command that comes later must come here too. */
  private static void everyCommandIsAmong(List<String> commands, Transcript said) {
    Set<String> known =
        said.json("aperture:commands").asJsonArray().getValuesAs(JsonObject.class).stream()
            .map(command -> command.getString("command"))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> tried =
        commands.stream()
            .map(command -> command.split(" ", 2)[0])
            .collect(Collectors.toCollection(TreeSet::new));
    tried.addAll(List.of("aperture:demo", "aperture:serve"));
    assertThat(tried).isEqualTo(known);
  }

  private static void has(JsonObject object, Class<? extends Record> type) {
    has(object, Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList());
  }

  private static void has(JsonObject object, List<String> fields) {
    assertThat(object.keySet()).as(object.toString()).containsAll(fields);
  }

  @Test
  void everyCommandPrintsTextForPeople() throws Exception {
    Script script = new Script(world);
    script.image("disk.img", 1 << 20);
    List<String> commands = commands(newer(world), "");
    Transcript said = Transcript.of(script, commands);
    said.result().expect(0);

    for (String command : commands) {
      String text = said.of(command);
      assertThat(text).as(command).isNotBlank().doesNotContain("\u001b", "@", "Exception");
      assertThat(text.lines()).as(command).noneMatch(line -> line.endsWith(" "));
    }
    assertThat(said.of("arch:list"))
        .startsWith("BUNDLE ")
        .contains("aperture.arch.ppc", "pseries", "spapr-tce");
    assertThat(said.of("machine:types")).startsWith("TYPE ").contains("pc-q35-7.2", "virt-7.2");
    assertThat(said.of("machine:list")).startsWith("NAME ").contains("m0", "intel-vtd");
    assertThat(said.of("device:list")).startsWith("ID ").contains("d0");
    assertThat(said.of("driver:kinds")).startsWith("KIND ").contains("K2");
    assertThat(said.of("policy:matrix")).startsWith("MODE ").contains("WT", "WP");
    assertThat(said.of("policy:thread")).contains("R1", "S7", "Herrenschmidt");
    assertThat(said.of("dma:mappings")).startsWith("MACHINE ").contains("0x");
    assertThat(said.of("dma:translate")).contains("translates", "root entry");
    assertThat(said.of("dma:faults")).contains("no faults");
    assertThat(said.of("dma:replay")).startsWith("CAPTURE ").contains("all agree");
    assertThat(said.of("driver:io")).containsPattern("clean +yes");
    assertThat(said.of("driver:wait")).containsPattern("clean +yes");
  }
}
