package aperture.benchmarks;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.testkit.TableState;
import java.util.Map;

/** Tables as a kind's own table driver builds them. */
final class DriverTables {

  /** Beyond what three levels of 9 bits over 4 KiB pages reach. */
  private static final long FOUR_LEVELS = 1L << 40;

  private static final long DATA = 16L << 20;

  private DriverTables() {}

  /** At IOVAs that the driver chooses. */
  static Walked chosen(IommuBehavior behavior, String name, int entries) throws Exception {
    return build(behavior, name, entries, 0);
  }

  /** At IOVAs that need a table of four levels. */
  static Walked deep(IommuBehavior behavior, String name, int entries) throws Exception {
    return build(behavior, name, entries, FOUR_LEVELS);
  }

  private static Walked build(IommuBehavior behavior, String name, int entries, long at)
      throws Exception {
    TableState state = new TableState();
    Endpoint endpoint = state.endpoint(Map.of());
    IommuInstance instance = behavior.attach(state);
    IommuTableDriver driver = instance.tableDriver().orElseThrow();
    driver.initialize();
    driver.attachEndpoint(endpoint);
    long size = driver.pageSize();
    long[] pages = new long[Walked.PAGES];
    for (int i = 0; i < pages.length; i++) {
      long gpa = DATA + i * size;
      if (at == 0) {
        pages[i] = driver.map(endpoint, gpa, size, Permission.READ_WRITE, -1L);
      } else {
        pages[i] = at + i * size;
        driver.mapAt(endpoint, pages[i], gpa, size, Permission.READ_WRITE);
      }
      state.enter(endpoint, pages[i], gpa, size);
    }
    return new Walked(name, entries, state, instance.walker(), endpoint, pages);
  }
}
