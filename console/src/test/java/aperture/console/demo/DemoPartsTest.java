package aperture.console.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.ControlException;
import aperture.admin.MachineType;
import aperture.console.control.FakeTypes;
import aperture.console.swap.ToyBundles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

class DemoPartsTest {

  @TempDir private Path folder;

  @Test
  void anImageIsPaddedAndItsDigestIsThatOfItsBytes() throws Exception {
    byte[] content = new byte[1000];
    Arrays.fill(content, (byte) 7);
    Path file = Files.write(folder.resolve("odd"), content);

    DemoImage image = DemoImage.of(file);
    Path copy = image.copyTo(folder.resolve("copy"));

    byte[] padded = Arrays.copyOf(content, 1024);
    assertThat(Files.readAllBytes(copy)).isEqualTo(padded);
    assertThat(image.size()).isEqualTo(1024);
    assertThat(image.sha256())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(padded)));
    assertThat(image.blockBytes()).isEqualTo(512);
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
  }

  @Test
  void manyFilesMakeOneImageOfWholePages() throws Exception {
    Path a = Files.write(folder.resolve("a"), new byte[5000]);
    Path b = Files.write(folder.resolve("b"), new byte[60_536]);

    DemoImage image = DemoImage.of(List.of(a, b));

    assertThat(image.size()).isEqualTo(65_536);
    assertThat(image.blockBytes()).isEqualTo(65_536);
    assertThat(image.smallBlockBytes()).isEqualTo(4096);
  }

  @Test
  void anEmptyFileIsNoImage() throws Exception {
    Path file = Files.createFile(folder.resolve("empty"));

    assertThatThrownBy(() -> DemoImage.of(file))
        .isInstanceOf(ControlException.class)
        .hasMessageEndingWith("is empty");
  }

  @Test
  void eachArchitectureIsRepresentedByItsNewestTypeThatHasAnIommu() {
    List<DemoType> chosen =
        DemoType.forEachArchitecture(
            List.of(
                type("a-1", "a", List.of("none", "k"), "none"),
                type("a-2", "a", List.of("none", "k"), "none"),
                type("b-1", "b", List.of("none", "k"), "k"),
                type("b-2", "b", List.of("none", "k"), "none"),
                type("c-1", "c", List.of("none"), "none")));

    assertThat(chosen)
        .extracting(type -> type.type().type() + " " + type.iommu())
        .containsExactly("a-2 k", "b-1 k");
  }

  private static MachineType type(String name, String arch, List<String> iommus, String iommu) {
    return FakeTypes.of(name, "f", "", arch, iommus, iommu);
  }

  @Test
  void theRaisedJarIsTheBundleWithTheNextVersion() throws Exception {
    try (ToyBundles toys = new ToyBundles(folder)) {
      Bundle bundle = toys.install("1.2.3");

      Path raised = RaisedJar.of(bundle, folder);

      try (JarFile jar = new JarFile(raised.toFile())) {
        assertThat(jar.getManifest().getMainAttributes().getValue("Bundle-Version"))
            .isEqualTo("1.2.4");
        assertThat(jar.getManifest().getMainAttributes().getValue("Bundle-SymbolicName"))
            .isEqualTo(ToyBundles.NAME);
        assertThat(
                new String(
                    jar.getInputStream(jar.getEntry("data/content.txt")).readAllBytes(), UTF_8))
            .isEqualTo("toy-1.2.3.jar");
      }
    }
  }
}
