package aperture.iommu;

import aperture.memory.MemoryRange;
import java.util.List;
import java.util.Map;

/**
 * The whole state of one IOMMU as somebody captured it, in neutral form: no behaviour has to read a
 * file format.
 *
 * @param kind the IOMMU kind, as {@link IommuBehavior#kind()}
 * @param machine name of the machine type it was taken from
 * @param registers register values by name
 * @param endpoints who asks
 * @param ram guest memory ranges that exist
 * @param pages the captured pages
 * @param tables platform-kept tables
 */
public record IommuSnapshot(
    String kind,
    String machine,
    Map<String, Long> registers,
    List<Endpoint> endpoints,
    List<MemoryRange> ram,
    List<Page> pages,
    List<Table> tables) {

  public IommuSnapshot {
    registers = Map.copyOf(registers);
    endpoints = List.copyOf(endpoints);
    ram = List.copyOf(ram);
    pages = List.copyOf(pages);
    tables = List.copyOf(tables);
  }

  /**
   * One captured page.
   *
   * @param gpa its guest-physical address
   * @param bytes its content, in guest memory order
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Page(long gpa, byte[] bytes) {}

  /**
   * One platform-kept table.
   *
   * @param id what names it
   * @param attributes numbers that describe it
   * @param entryCount number of entries, set or not
   * @param entries the entries that are not 0
   */
  public record Table(
      long id, Map<String, Long> attributes, long entryCount, Map<Long, Long> entries) {

    public Table {
      attributes = Map.copyOf(attributes);
      entries = Map.copyOf(entries);
    }
  }
}
