package aperture.launcher.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import aperture.launcher.outcome.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The jar that an operator names")
class BundleReferencesTest {
  @TempDir Path folder;
  private String url;

  @BeforeEach
  void layOutAJar() throws IOException {
    Path jar = Files.createFile(folder.resolve("a b.jar"));
    url = jar.toFile().toURI().toString();
  }

  @Test
  @DisplayName("is a path from the current folder, or an absolute one")
  void isAPath() {
    assertThat(BundleReferences.location(folder, "a b.jar")).isEqualTo(url);
    assertThat(BundleReferences.location(folder, "./x/../a b.jar")).isEqualTo(url);
    assertThat(BundleReferences.location(Path.of("/"), folder + "/a b.jar")).isEqualTo(url);
  }

  @Test
  @DisplayName("is a file URL, relative or not, encoded or not")
  void isAFileUrl() {
    assertThat(BundleReferences.location(folder, "file:a b.jar")).isEqualTo(url);
    assertThat(BundleReferences.location(folder, "file:" + folder + "/a b.jar")).isEqualTo(url);
    assertThat(BundleReferences.location(folder, url)).isEqualTo(url);
  }

  @Test
  @DisplayName("is any other URL as it stands")
  void isAnyUrl() {
    assertThat(BundleReferences.location(folder, "reference:file:/x.jar"))
        .isEqualTo("reference:file:/x.jar");
  }

  @Test
  @DisplayName("must exist")
  void mustExist() {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> BundleReferences.location(folder, "none.jar"))
        .withMessage("no such file: %s", folder.resolve("none.jar"))
        .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(2));
  }
}
