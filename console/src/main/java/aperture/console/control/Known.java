package aperture.console.control;

import aperture.access.PathMode;
import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.DriverKindInfo;
import aperture.admin.MachineInfo;
import aperture.admin.MachineType;
import aperture.admin.Nearest;
import aperture.admin.Outcome;
import aperture.console.line.Words;
import aperture.machine.MachineRow;
import aperture.vhostuser.VhostServerInfo;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** The words that mean something at this moment: names of what is there. */
public final class Known {

  private final Controls controls;

  public Known(Controls controls) {
    this.controls = controls;
  }

  /** The words of a sort, sorted; empty when any word will do. */
  public List<String> words(Words words) throws ControlException {
    return switch (words) {
      case MACHINE -> sorted(controls.machines().list().stream().map(MachineInfo::name));
      case MACHINE_TYPE -> sorted(controls.machines().types().stream().map(MachineType::type));
      case MACHINE_OR_TYPE ->
          Stream.concat(words(Words.MACHINE).stream(), words(Words.MACHINE_TYPE).stream())
              .distinct()
              .sorted()
              .toList();
      case DEVICE -> sorted(controls.devices().list().stream().map(DeviceInfo::id));
      case DEVICE_TYPE -> sorted(controls.devices().types().stream().map(DeviceTypeInfo::name));
      case DRIVER_KIND, DRIVER_KINDS ->
          sorted(controls.drivers().kinds().stream().map(DriverKindInfo::kind));
      case SERVER -> sorted(controls.vhost().list().stream().map(VhostServerInfo::name));
      case MACHINE_OR_SERVER ->
          Stream.concat(words(Words.MACHINE).stream(), servers()).distinct().sorted().toList();
      case IOMMU -> iommus();
      case PATH_MODES ->
          Arrays.stream(PathMode.values()).map(mode -> String.valueOf(mode.letter())).toList();
      case OUTCOMES -> Arrays.stream(Outcome.values()).map(Outcome::name).toList();
      default -> words.fixed();
    };
  }

  /** None while nobody serves: machines are known all the same. */
  private Stream<String> servers() {
    try {
      return words(Words.SERVER).stream();
    } catch (ControlException e) {
      return Stream.empty();
    }
  }

  private List<String> iommus() throws ControlException {
    return sorted(
        Stream.concat(
            Stream.of(MachineRow.NO_IOMMU),
            controls.machines().types().stream().flatMap(type -> type.iommus().stream())));
  }

  private static List<String> sorted(Stream<String> words) {
    return words.distinct().sorted().toList();
  }

  public String machine(String name) throws ControlException {
    return require("machine", name, words(Words.MACHINE), "machine:create makes one");
  }

  /** Whether a running machine has the name, which wins; otherwise it is a machine type's. */
  public boolean isMachine(String name) throws ControlException {
    if (words(Words.MACHINE).contains(name)) {
      return true;
    }
    require(
        "machine or machine type",
        name,
        words(Words.MACHINE_OR_TYPE),
        "no architecture bundle is active");
    return false;
  }

  public String device(String id) throws ControlException {
    return require("device", id, words(Words.DEVICE), "device:add adds one");
  }

  public String deviceType(String name) throws ControlException {
    return require(
        "device type", name, words(Words.DEVICE_TYPE), "no bundle supplies device types");
  }

  public String driverKind(String name) throws ControlException {
    return require(
        "driver kind", name, words(Words.DRIVER_KIND), "no bundle supplies guest drivers");
  }

  public String server(String name) throws ControlException {
    return require("server", name, words(Words.SERVER), "vhost:serve makes one");
  }

  public MachineType machineType(String name) throws ControlException {
    require("machine type", name, words(Words.MACHINE_TYPE), "no architecture bundle is active");
    for (MachineType type : controls.machines().types()) {
      if (type.type().equals(name)) {
        return type;
      }
    }
    throw ControlException.failed("machine type %s has just gone".formatted(name));
  }

  private static String require(
      String what, String word, Collection<String> known, String hintWhenNone)
      throws ControlException {
    if (known.contains(word)) {
      return word;
    }
    String complaint = Nearest.unknown(what, word, known);
    throw ControlException.usage(known.isEmpty() ? complaint + "; " + hintWhenNone : complaint);
  }
}
