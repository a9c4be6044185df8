package aperture.vhostuser.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/vhost-user-protocol.md} says what the message table says. */
class ProtocolPageTest {

  private static final Path PAGE = Path.of("../docs/vhost-user-protocol.md");
  private static final String WRITE = "protocol.write";
  private static final String CURE =
      "mvn -o -q test -pl vhost-user -am -Dtest=ProtocolPageTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dprotocol.write=true";

  @Test
  void thePageSaysWhatTheTableSays() throws IOException {
    String wanted = ProtocolPage.text();
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(PAGE, wanted);
    }
    assertThat(PAGE)
        .as("docs/vhost-user-protocol.md is stale; this writes it anew: %s", CURE)
        .hasContent(wanted);
  }

  @Test
  void everyRowIsOnThePage() {
    String text = ProtocolPage.text();
    for (FrontEndRequest row : FrontEndRequest.values()) {
      assertThat(text).contains("| %d | %s |".formatted(row.id(), row.name()));
    }
    for (BackEndRequest row : BackEndRequest.values()) {
      assertThat(text).contains("| %d | %s |".formatted(row.id(), row.name()));
    }
  }
}
