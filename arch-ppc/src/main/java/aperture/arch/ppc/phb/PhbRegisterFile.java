package aperture.arch.ppc.phb;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.iommu.PlatformTable;
import java.util.Map;

/**
 * What a processor's stores to the bridge do: registers that are kept, a window to the tables
 * inside the bridge, and two registers that keep nothing and drop cached translations instead.
 * Called by one thread at a time.
 *
 * <p>Dropping is complete when a store returns. PHB3 knows dropping all TCEs only, and does that
 * whatever is asked.
 */
final class PhbRegisterFile {

  private final PhbModel model;
  private final IommuState state;

  PhbRegisterFile(PhbModel model, IommuState state) {
    this.model = model;
    this.state = state;
  }

  /** Makes the tables inside the bridge, empty. */
  void createTables() {
    int entries = model.endpoints();
    for (int table : new int[] {PhbRegister.PESTA, PhbRegister.PESTB, PhbRegister.TVT}) {
      if (state.tables().find(table).isPresent()) {
        state.tables().remove(table);
      }
      int each = table == PhbRegister.TVT ? BusAddress.WINDOWS : 1;
      state.tables().create(table, (long) entries * each, Map.of());
    }
  }

  long read(int offset) {
    if (offset == PhbRegister.IODA_DATA0) {
      return data(0, false);
    }
    String name = PhbRegister.name(offset);
    return name.isEmpty() ? 0 : state.registers().get(name);
  }

  void write(int offset, long value) {
    switch (offset) {
      case PhbRegister.IODA_DATA0 -> data(value, true);
      case PhbRegister.TCE_KILL -> kill(value);
      case PhbRegister.RTC_INVALIDATE -> forgetRequesters(value);
      default -> {
        String name = PhbRegister.name(offset);
        if (!name.isEmpty()) {
          state.registers().set(name, value);
        }
      }
    }
  }

  /** An entry of a table inside the bridge, selected and accessed. */
  long entry(int table, int index) {
    write(PhbRegister.IODA_ADDR, PhbRegister.select(table, index, false));
    return read(PhbRegister.IODA_DATA0);
  }

  void setEntry(int table, int index, long value) {
    write(PhbRegister.IODA_ADDR, PhbRegister.select(table, index, false));
    write(PhbRegister.IODA_DATA0, value);
  }

  /** Entries beyond a table, and tables that are not modelled, read 0 and keep nothing. */
  private long data(long value, boolean store) {
    String name = PhbRegister.name(PhbRegister.IODA_ADDR);
    long address = state.registers().get(name);
    PlatformTable table = state.tables().find(PhbRegister.table(address)).orElse(null);
    int index = PhbRegister.index(address);
    long found = 0;
    if (table != null && index < table.entries()) {
      if (store) {
        table.set(index, value);
      } else {
        found = table.get(index);
      }
    }
    long next = PhbRegister.stepped(address);
    if (next != address) {
      state.registers().set(name, next);
    }
    return found;
  }

  private void kill(long value) {
    IommuInvalidator invalidator = state.invalidator();
    if ((value & PhbRegister.ALL) != 0 || !model.killsPages()) {
      invalidator.invalidateAll();
      return;
    }
    int pe = PhbRegister.killedPe(value);
    if ((value & PhbRegister.KILL_PAGE) != 0) {
      long address = PhbRegister.killedAddress(value);
      invalidator.invalidateDomain(
          BusAddress.tveIndex(pe, BusAddress.window(address)),
          address,
          1L << PhbRegister.killedShift(value));
    } else if ((value & PhbRegister.KILL_PE) != 0) {
      BusAddress.forget(pe, invalidator);
    }
  }

  private void forgetRequesters(long value) {
    if ((value & PhbRegister.ALL) != 0) {
      state.invalidator().invalidateAll();
      return;
    }
    int requester = PhbRegister.invalidatedRequester(value);
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() == requester) {
        state.invalidator().invalidateEndpoint(endpoint);
      }
    }
  }
}
