package aperture.console.vhost;

import aperture.vhostuser.VhostServerInfo;
import java.util.Optional;

/**
 * A device that is served, and how a guest gets it.
 *
 * @param server the server
 * @param qemu the command line of QEMU that matches; empty when there is none
 */
public record Served(VhostServerInfo server, String qemu) {

  /** One line that says that front ends may come. */
  public String readiness() {
    return "ready: " + (qemu.isEmpty() ? server.type() + " on " + server.socket() : qemu);
  }

  /** One line that says who decided on feature bit 33. */
  public String decision() {
    return "feature bit 33 (ACCESS_PLATFORM) is %soffered: %s"
        .formatted(server.offer() ? "" : "not ", server.offerProvenance());
  }

  static Served of(VhostServerInfo server, Optional<String> qemu) {
    return new Served(server, qemu.orElse(""));
  }
}
