package aperture.devices.blk;

import aperture.admin.Nearest;
import aperture.admin.OptionRules;
import aperture.block.BlockStore;
import aperture.block.BlockStoreType;
import aperture.block.StoreSettings;
import aperture.devices.store.FileStoreType;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The store that a device's options ask for, among those present. Options stand on one line, so
 * which are the store's follows from what is not the device's own.
 */
final class StoreChoice {

  private static final String STORE = "store";

  private final List<BlockStoreType> present;

  /**
   * @param present in the order of precedence; of several with one name the first counts
   */
  StoreChoice(List<BlockStoreType> present) {
    Map<String, BlockStoreType> byName = new LinkedHashMap<>();
    present.forEach(type -> byName.putIfAbsent(type.name(), type));
    this.present =
        byName.values().stream().sorted(Comparator.comparing(BlockStoreType::name)).toList();
  }

  /** The option that names a store, and the options of all stores. */
  List<DeviceOption> options(Set<String> own) {
    Map<String, DeviceOption> options = new LinkedHashMap<>();
    options.put(
        STORE,
        new DeviceOption(
            STORE,
            "what the bytes come from (default %s)".formatted(FileStoreType.NAME),
            false,
            false,
            names()));
    for (BlockStoreType type : present) {
      for (DeviceOption option : type.options()) {
        if (!own.contains(option.name())) {
          options.merge(option.name(), ofStore(type, option), StoreChoice::either);
        }
      }
    }
    return new ArrayList<>(options.values());
  }

  private List<String> names() {
    return present.stream().map(BlockStoreType::name).toList();
  }

  /** Nothing is required before it is known which store is meant. */
  private static DeviceOption ofStore(BlockStoreType type, DeviceOption option) {
    return new DeviceOption(
        option.name(),
        "store %s: %s".formatted(type.name(), option.description()),
        false,
        option.flag(),
        option.values());
  }

  /** Two stores may allow different words for an option of one name. */
  private static DeviceOption either(DeviceOption first, DeviceOption second) {
    return new DeviceOption(
        first.name(),
        first.description() + "; " + second.description(),
        false,
        first.flag() && second.flag(),
        first.values().equals(second.values()) ? first.values() : List.of());
  }

  /** The name of the store asked for. */
  static String name(DeviceSettings settings) {
    return settings.option(STORE).orElse(FileStoreType.NAME);
  }

  /**
   * Opens the store asked for.
   *
   * @param own names of the device's own options
   * @param readOnly whether the device only reads
   */
  BlockStore open(DeviceSettings settings, Set<String> own, boolean readOnly)
      throws DeviceConfigurationException {
    BlockStoreType type = type(name(settings));
    Map<String, String> given = new HashMap<>(settings.options());
    given.keySet().removeAll(own);
    given.remove(STORE);
    check(type, given);
    return type.open(new StoreSettings(settings.id(), readOnly, given));
  }

  private BlockStoreType type(String name) throws DeviceConfigurationException {
    for (BlockStoreType type : present) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new DeviceConfigurationException(Nearest.unknown("block store", name, names()));
  }

  private void check(BlockStoreType type, Map<String, String> given)
      throws DeviceConfigurationException {
    Optional<String> objection = OptionRules.objection(owner(type), type.options(), given);
    if (objection.isPresent()) {
      throw new DeviceConfigurationException(objection.get());
    }
    List<String> known = type.options().stream().map(DeviceOption::name).toList();
    for (String option : given.keySet()) {
      if (!known.contains(option)) {
        throw new DeviceConfigurationException(foreign(type, option, known));
      }
    }
  }

  private static String owner(BlockStoreType type) {
    return "store " + type.name();
  }

  private String foreign(BlockStoreType type, String option, List<String> known) {
    return present.stream()
        .filter(other -> other.options().stream().anyMatch(o -> o.name().equals(option)))
        .findFirst()
        .map(other ->
            "store %s has no --%s, but store %s has: add --store %s"
                .formatted(type.name(), option, other.name(), other.name()))
        .orElseGet(() -> OptionRules.unknown(owner(type), option, known));
  }
}
