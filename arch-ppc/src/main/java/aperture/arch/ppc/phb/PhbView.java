package aperture.arch.ppc.phb;

import aperture.iommu.PlatformTable;
import aperture.iommu.PlatformTables;
import aperture.iommu.Registers;
import org.jspecify.annotations.Nullable;

/** The registers and inner tables that translation depends on; looked up anew when one moved. */
final class PhbView {

  private final Registers registers;
  private final PlatformTables tables;
  private volatile Decoded decoded;

  /**
   * Decoded values.
   *
   * @param registerGeneration of the registers
   * @param tableGeneration of the tables
   * @param rttEnabled whether requesters are known at all
   * @param rtt address of the requester table
   * @param messages32 whether the topmost 64 KiB of 32-bit addresses are message interrupts
   * @param notes whether errors are noted, and stop the PE
   * @param pest address of the error table
   * @param tvt entries of windows, null when there are none
   * @param pestA words A of errors, null when there are none
   * @param pestB words B
   */
  record Decoded(
      int registerGeneration,
      int tableGeneration,
      boolean rttEnabled,
      long rtt,
      boolean messages32,
      boolean notes,
      long pest,
      @Nullable PlatformTable tvt,
      @Nullable PlatformTable pestA,
      @Nullable PlatformTable pestB) {

    /** Whether the PE was stopped. */
    boolean isStopped(int pe) {
      return isStopped(pestA, pe) || isStopped(pestB, pe);
    }

    private static boolean isStopped(@Nullable PlatformTable table, int pe) {
      return table != null && pe < table.entries() && PestLayout.isStopped(table.get(pe));
    }

    /** A window's entry; invalid where there is none. */
    long tve(int index) {
      PlatformTable table = tvt;
      return table == null || index >= table.entries() ? TveLayout.INVALID : table.get(index);
    }
  }

  PhbView(Registers registers, PlatformTables tables) {
    this.registers = registers;
    this.tables = tables;
    this.decoded = decode();
  }

  Decoded now() {
    Decoded current = decoded;
    if (current.registerGeneration != registers.generation()
        || current.tableGeneration != tables.generation()) {
      current = decode();
      decoded = current;
    }
    return current;
  }

  private Decoded decode() {
    // Before the values: a change in between is noticed at the next look.
    int registerGeneration = registers.generation();
    int tableGeneration = tables.generation();
    long rtt = get(PhbRegister.RTT_BAR);
    long pest = get(PhbRegister.PEST_BAR);
    return new Decoded(
        registerGeneration,
        tableGeneration,
        PhbRegister.isEnabled(rtt),
        PhbRegister.rttAddress(rtt),
        (get(PhbRegister.CONFIG) & PhbRegister.CONFIG_MSI32) != 0,
        PhbRegister.isEnabled(pest),
        PhbRegister.pestAddress(pest),
        tables.find(PhbRegister.TVT).orElse(null),
        tables.find(PhbRegister.PESTA).orElse(null),
        tables.find(PhbRegister.PESTB).orElse(null));
  }

  private long get(int register) {
    return registers.get(PhbRegister.name(register));
  }
}
