package aperture.admin;

import aperture.access.PathMode;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which cases of drivers, devices and paths to try, and how.
 *
 * @param modes path modes; empty for all
 * @param drivers driver kinds; empty for all present
 * @param columns which devices
 * @param machine the one machine type to try them on; absent for one of each kind
 * @param perMachine whether results are told apart by machine
 * @param device what a device is that does not offer the bit; absent for what the mode needs: a
 *     physical function where an IOMMU is in the path, a program elsewhere
 * @param legacy whether devices that do not offer the bit have the legacy interface
 * @param identityMap whether the IOMMU that a device goes round maps memory to itself
 * @param collision whether raw physical numbers happen to be mapped as IOVAs too
 * @param driverOptions options of driver kinds, by name; given to the kinds that have them
 */
public record MatrixRequest(
    Set<PathMode> modes,
    Set<String> drivers,
    Columns columns,
    Optional<String> machine,
    boolean perMachine,
    Optional<Wiring> device,
    boolean legacy,
    boolean identityMap,
    boolean collision,
    Map<String, String> driverOptions) {

  /**
   * Which devices to try; absent for either.
   *
   * @param offered whether bit 33 is offered
   * @param strict whether a driver that does not accept it is refused
   * @param unacked addresses of such a driver, where it is not refused
   */
  public record Columns(
      Optional<Boolean> offered, Optional<Boolean> strict, Optional<UnackedAddressing> unacked) {

    /** Any device. */
    public static final Columns ALL =
        new Columns(Optional.empty(), Optional.empty(), Optional.empty());

    /** Whether a device is among them. */
    public boolean has(boolean offers, boolean isStrict, UnackedAddressing addressing) {
      return offered.orElse(offers) == offers
          && strict.orElse(isStrict) == isStrict
          && unacked.orElse(addressing) == addressing;
    }
  }

  /** Every case, with the defaults of everything else. */
  public static final MatrixRequest ALL =
      new MatrixRequest(
          Set.of(),
          Set.of(),
          Columns.ALL,
          Optional.empty(),
          false,
          Optional.empty(),
          true,
          false,
          false,
          Map.of());

  public MatrixRequest {
    modes = Set.copyOf(modes);
    drivers = Set.copyOf(drivers);
    driverOptions = Map.copyOf(driverOptions);
  }
}
