package aperture.guest;

import aperture.virtio.DriverKind;
import java.util.stream.Stream;

/** The kinds of drivers. */
final class Kinds {

  private Kinds() {}

  static Stream<DriverKind> all() {
    return Stream.concat(Stream.of(new LegacyDriverKind()), modern());
  }

  static Stream<DriverKind> modern() {
    return Stream.of(
        new UnawareDriverKind(),
        new EarlyDriverKind(),
        new ModernDriverKind(),
        new CautiousDriverKind(),
        new ConfidentialDriverKind(),
        new WhitelistDriverKind(),
        new XenDriverKind(),
        new GrantDriverKind(),
        new PseudoPhysicalDriverKind(),
        new UserDriverKind());
  }

  static DriverKind kind(String name) {
    return all().filter(kind -> kind.name().equals(name)).findAny().orElseThrow();
  }
}
