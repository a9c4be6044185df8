package aperture.console.complete;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.Setting;
import aperture.admin.MachineSpec;
import aperture.console.control.FakeControls;
import aperture.console.line.CommandTable;
import aperture.vhostuser.VhostServeSpec;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;
import org.jline.reader.impl.DefaultParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** What a tab offers. */
class CandidatesTest {

  private final FakeControls controls = new FakeControls();
  private final Candidates candidates = new Candidates(controls, emptyFramework());

  private static BundleContext emptyFramework() {
    return (BundleContext)
        Proxy.newProxyInstance(
            CandidatesTest.class.getClassLoader(),
            new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) -> new Bundle[0]);
  }

  private List<String> offered(String line) {
    List<String> words = new ArrayList<>(Arrays.asList(line.split(" ", -1)));
    String last = words.removeLast();
    return candidates
        .at(CommandTable.get(words.getFirst()), words.subList(1, words.size()), last)
        .map(found -> found.stream().map(Candidates.Word::value).toList())
        .orElse(List.of("<files>"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "machine:create m1 _ | bare,toy-1",
        "machine:create m1 toy-1 --iommu _ | none,toy",
        "machine:create m1 - | --memory,--iommu,--bus-bypass,--confidential,--json,--help",
        "machine:create m1 toy-1 --memory 64M - |"
            + " --iommu,--bus-bypass,--confidential,--json,--help",
        "machine:show _ | bare,m0,toy-1",
        "device:add _ | m0",
        "device:add m0 _ | blk,rng",
        "device:add m0 blk --file _ | <files>",
        "device:add m0 blk --cache _ | back,through",
        "device:add m0 blk --file x --access-platform _ | on,off",
        "driver:bind d0 _ | K2",
        "driver:io d0 --background --pattern _ | scan,read,verify,rewrite",
        "policy:matrix --mode _ | N,I,T,B,W",
        "policy:matrix --mode T --driver _ | K2",
        "policy:matrix --outcome _ | WT,WI,WP,DR,DD,NB,SC,DF,WX",
        "policy:matrix --machine _ | bare,toy-1",
        "policy:matrix --platform-map _ | translating,identity",
        "policy:set _ | offer,strict",
        "policy:set offer _ | on,off,unset",
        "dma:translate d0 0 1 _ | r,w",
        "dma:replay a b _ | <files>",
        "dma:capture m0 _ | <files>",
        "arch:swap ppc _ | <files>",
        "vhost:show _ | blk0",
        "vhost:resize _ | blk0",
        "vhost:serve _ | blk,rng",
        "vhost:serve blk --socket-path _ | <files>",
        "vhost:serve blk --machine _ | bare,toy-1",
        "machine:show m0 _ | ''",
      })
  void aPlaceOffersWhatMayStandThere(String line, String words) throws Exception {
    controls.machines().create(new MachineSpec("m0", "toy-1", 4096, Optional.empty()));
    controls.vhost.serve(
        new VhostServeSpec(
            Optional.of("blk0"),
            "blk",
            Optional.of(Path.of("s")),
            OptionalInt.empty(),
            Optional.empty(),
            Setting.UNSET,
            false,
            Map.of()));

    assertThat(String.join(",", offered(line.replace("_", "")))).isEqualTo(words);
  }

  @Test
  void aTypesOwnOptionsAreOfferedOnceItIsNamed() {
    assertThat(offered("device:add m0 blk --")).contains("--file", "--read-only", "--id");
    assertThat(offered("device:add m0 rng --")).contains("--max-bytes").doesNotContain("--file");
  }

  @Test
  void otherCommandsAreLeftToTheShellsOwnCompleter() {
    LineCompleter completer =
        new LineCompleter(
            candidates, (reader, line, found) -> found.add(new Candidate("from the shell")));

    assertThat(complete(completer, "lb ")).containsExactly("from the shell");
    assertThat(complete(completer, "machine:cr")).containsExactly("from the shell");
    assertThat(complete(completer, "machine:create m1 ")).containsExactly("bare", "toy-1");
  }

  private static List<String> complete(LineCompleter completer, String text) {
    ParsedLine line =
        new DefaultParser()
            .parse(text, text.length(), org.jline.reader.Parser.ParseContext.COMPLETE);
    List<Candidate> found = new ArrayList<>();
    completer.complete(null, line, found);
    return found.stream().map(Candidate::value).toList();
  }
}
