package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import jakarta.json.JsonStructure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guided run. */
class DemoIT {

  @TempDir Path world;

  @Test
  void itHoldsOnEveryArchitectureAndDoesNotTouchTheImage() throws Exception {
    Script script = new Script(world);
    Path image = script.image("some.img", 2 << 20);
    byte[] before = Files.readAllBytes(image);

    Result result = script.run("demo", "--image", image.toString(), "--json").expect(0);

    JsonStructure answer = Transcript.json("demo", result.out());
    List<JsonObject> rows = answer.asJsonArray().getValuesAs(JsonObject.class);
    assertThat(rows)
        .extracting(row -> row.getString("arch"))
        .contains("x86", "ppc", "arm64", "sparc");
    assertThat(rows).allSatisfy(row -> assertThat(row.getBoolean("held")).isTrue());
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
    assertThat(script.leftovers()).isEmpty();
  }
}
