package aperture.console.thread;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import aperture.admin.DriverInfo;
import aperture.admin.MappingInfo;
import java.util.List;
import java.util.Optional;

/**
 * Looks where a driver's addresses lie: in the window that 32 bits reach, or in a large one.
 *
 * @param site the machine
 * @param by whose claim it tests, that they are in the large one; absent where nobody said anything
 */
record LargeWindow(Site site, Optional<Author> by) implements Step {

  private static final String DRIVER = "K2";
  private static final String LARGE = "large window";
  private static final String SMALL = "small window";
  private static final int SMALL_BITS = 32;
  private static final int HEX = 16;

  LargeWindow(Site site) {
    this(site, Optional.empty());
  }

  LargeWindow claimed(Author who) {
    return new LargeWindow(site, Optional.of(who));
  }

  @Override
  public List<Done> run(Stage stage) throws ControlException {
    Optional<Done> absent = stage.absence(setting(), site, DRIVER);
    if (absent.isPresent()) {
      return List.of(absent.get());
    }
    String machine = stage.machine(site);
    DeviceInfo disk = stage.disk(machine, Setting.ON, Setting.UNSET);
    DriverInfo driver = stage.controls().drivers().bind(disk.id(), DRIVER);
    List<MappingInfo> mappings =
        stage.controls().dma().mappings().stream()
            .filter(mapping -> mapping.machine().equals(machine))
            .toList();
    boolean large =
        !mappings.isEmpty()
            && mappings.stream().allMatch(mapping -> number(mapping) >>> SMALL_BITS != 0);
    stage.endMachine();
    return List.of(
        new Done(
            new ThreadCase(
                setting(),
                site.label(),
                DRIVER,
                large ? LARGE : SMALL,
                driver.reason().isEmpty()
                    ? "%d mappings of the driver's rings and buffers, the first at %s"
                        .formatted(
                            mappings.size(),
                            mappings.isEmpty() ? "none" : mappings.getFirst().iova())
                    : driver.reason()),
            large || by.isEmpty()));
  }

  private static long number(MappingInfo mapping) {
    return Long.parseUnsignedLong(mapping.iova().substring("0x".length()), HEX);
  }

  private String setting() {
    return "flag on" + Author.mark(by);
  }
}
