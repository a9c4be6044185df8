package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saying what is missing. */
class GuestToolsTest {

  @TempDir Path folder;

  @Test
  void bothProgramAndKernelAreNamedWithTheWayToGetThem() {
    assertThat(tools().missing(GuestLines.ARM64_SMMU).orElseThrow())
        .contains("no qemu-system-aarch64: apt-get install --no-install-recommends qemu-system-arm")
        .contains("no arm64-6.1 in " + folder.resolve("kernels") + ": itest/guests/fetch");
  }

  @Test
  void nothingIsMissingWhenAllIsThere() throws Exception {
    install("qemu-system-ppc64", "rwxr-xr-x");
    fetch("ppc64-6.1");
    assertThat(tools().missing(GuestLines.PPC64_TCE)).isEmpty();
  }

  @Test
  void aFileThatCannotBeRunIsNoProgram() throws Exception {
    install("qemu-system-ppc64", "rw-r--r--");
    fetch("ppc64-6.1");
    assertThat(tools().missing(GuestLines.PPC64_TCE).orElseThrow())
        .contains("no qemu-system-ppc64");
  }

  @Test
  void aFetchThatWasInterruptedCountsAsMissing() throws Exception {
    install("qemu-system-ppc64", "rwxr-xr-x");
    fetch("ppc64-6.1");
    Files.delete(folder.resolve("kernels/ppc64-6.1/SHA256SUMS"));
    assertThat(tools().missing(GuestLines.PPC64_TCE).orElseThrow()).contains("no ppc64-6.1");
  }

  private GuestTools tools() {
    return new GuestTools(
        List.of(folder.resolve("bin")), folder.resolve("kernels"), folder.resolve("init"));
  }

  private void install(String program, String permissions) throws Exception {
    Path file = Files.createDirectories(folder.resolve("bin")).resolve(program);
    Files.createFile(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private void fetch(String kernel) throws Exception {
    Path guest = Files.createDirectories(folder.resolve("kernels").resolve(kernel));
    Files.createDirectory(guest.resolve("modules"));
    for (String file : List.of("kernel", "busybox", "SHA256SUMS")) {
      Files.createFile(guest.resolve(file));
    }
  }
}
