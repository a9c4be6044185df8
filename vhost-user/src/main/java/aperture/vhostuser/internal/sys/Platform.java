package aperture.vhostuser.internal.sys;

import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;

/**
 * The hosts that this package knows: Linux on 64-bit x86 and Arm, whose structures have the same
 * layout, and whose byte order is the one in which messages are written.
 */
public final class Platform {

  private static final Set<String> X86 = Set.of("amd64", "x86_64");
  private static final Set<String> ARM = Set.of("aarch64", "arm64");

  private Platform() {}

  /** Why this host cannot serve vhost-user; empty if it can. Touches nothing native. */
  public static Optional<String> refusal() {
    return refusal(
        System.getProperty("os.name", ""),
        System.getProperty("os.arch", ""),
        ByteOrder.nativeOrder());
  }

  static Optional<String> refusal(String system, String processor, ByteOrder order) {
    if (!system.equals("Linux")) {
      return Optional.of("vhost-user needs Linux, and this is " + system);
    }
    if (order != ByteOrder.LITTLE_ENDIAN) {
      return Optional.of("vhost-user needs a little-endian host, and " + processor + " is not");
    }
    if (!X86.contains(processor) && !ARM.contains(processor)) {
      return Optional.of("vhost-user needs an x86-64 or aarch64 host, and this is " + processor);
    }
    return Optional.empty();
  }

  /** Called before the first native call: a clear word instead of a wrong structure. */
  static void require() {
    refusal()
        .ifPresent(why -> {
          throw new UnsupportedOperationException(why);
        });
  }
}
