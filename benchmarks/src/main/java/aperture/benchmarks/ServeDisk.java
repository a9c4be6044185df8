package aperture.benchmarks;

import aperture.access.Setting;
import aperture.core.Aperture;
import aperture.devices.blk.BlkDeviceType;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.internal.server.VhostService;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Serves one image in a process of its own, until it is ended. */
final class ServeDisk {

  private static final String NAME = "disk";

  private ServeDisk() {}

  /**
   * @param arguments socket and image
   */
  public static void main(String[] arguments) throws Exception {
    try (Aperture aperture = Aperture.standalone().deviceType(new BlkDeviceType());
        VhostService servers = new VhostService(aperture.host())) {
      servers.serve(
          new VhostServeSpec(
              Optional.of(NAME),
              "blk",
              Optional.of(Path.of(arguments[0])),
              OptionalInt.empty(),
              Optional.empty(),
              Setting.UNSET,
              false,
              Map.of("file", arguments[1])));
      servers.await(NAME);
    }
  }
}
