package aperture.arch.sparc.sun4v;

import aperture.iommu.IommuState;
import java.util.Arrays;

/**
 * The hypervisor as a guest meets it: groups of calls that it registers for, and the trap. Called
 * by one thread at a time.
 *
 * <p>What a guest registered for is kept with the registers: {@code HV_GROUP_} and the group, major
 * version in bits 63:32, minor in 31:0.
 *
 * <p>Source: Linux 6.1, arch/sparc/include/asm/hypervisor.h, HV_FAST_SET_VERSION and HV_GRP_*;
 * arch/sparc/kernel/pci_sun4v.c, vpci_versions (2.0, else 1.1; address translation 1.1).
 */
final class Hypervisor {

  private static final int MAJOR_SHIFT = 32;
  private static final long NEWEST_PCI = 2;
  private static final long NEWEST_PCI_MINOR = 0;
  private static final long OLD_PCI_MINOR = 1;
  private static final long ATU = 1;
  private static final long ATU_MINOR = 1;
  private static final int RESULTS = HvCallLayout.O5;

  private final IommuState state;
  private final IommuCalls iommu;
  private final IotsbCalls iotsb;

  /** Of the call at hand; reused, so that a call allocates nothing. */
  private final long[] results = new long[RESULTS];

  Hypervisor(IommuState state, IoTables tables, Bypass bypass) {
    this.state = state;
    PageList pages = new PageList(state.memory());
    this.iommu = new IommuCalls(tables, pages, state.invalidator(), bypass);
    this.iotsb = new IotsbCalls(state, tables, pages, iommu);
  }

  /**
   * Registers for a group.
   *
   * @param minor the newest that the guest knows
   * @param agreed receives the minor version that holds
   */
  long setVersion(long group, long major, long minor, long[] agreed) {
    long newest;
    if (group == HvCallLayout.GROUP_PCI) {
      if (major < 1 || major > NEWEST_PCI) {
        return HvStatus.NOT_SUPPORTED;
      }
      newest = major == NEWEST_PCI ? NEWEST_PCI_MINOR : OLD_PCI_MINOR;
    } else if (group == HvCallLayout.GROUP_ATU) {
      if (major != ATU) {
        return HvStatus.NOT_SUPPORTED;
      }
      newest = ATU_MINOR;
    } else {
      return HvStatus.INVALID;
    }
    long holds = Long.compareUnsigned(minor, newest) < 0 ? minor : newest;
    state.registers().set(register(group), major << MAJOR_SHIFT | holds);
    agreed[0] = holds;
    return HvStatus.OK;
  }

  private static String register(long group) {
    return group == HvCallLayout.GROUP_PCI ? "HV_GROUP_100" : "HV_GROUP_111";
  }

  private long major(long group) {
    return state.registers().get(register(group)) >>> MAJOR_SHIFT;
  }

  /**
   * Does what a guest's trap asks.
   *
   * @param registers %o0 to %o5; the status replaces %o0, results the ones behind it
   */
  void trap(long[] registers) {
    Arrays.fill(results, 0);
    long status = call(registers);
    registers[HvCallLayout.O0] = status;
    for (int i = 0; i < RESULTS && status == HvStatus.OK; i++) {
      registers[HvCallLayout.O1 + i] = results[i];
    }
  }

  private long call(long[] o) {
    long number = o[HvCallLayout.O5];
    boolean atu = number >= HvCallLayout.IOTSB_CONF && number <= HvCallLayout.IOTSB_SYNC;
    long version = major(atu ? HvCallLayout.GROUP_ATU : HvCallLayout.GROUP_PCI);
    boolean known = atu || isOld(number);
    if (!known || version == 0) {
      return HvStatus.BAD_TRAP;
    }
    if (o[HvCallLayout.O0] != RootComplex.HANDLE) {
      return HvStatus.INVALID;
    }
    return atu ? iotsb((int) number, o) : iommu((int) number, o, version >= NEWEST_PCI);
  }

  private static boolean isOld(long number) {
    return number >= HvCallLayout.MAP && number <= HvCallLayout.GETBYPASS
        || number == HvCallLayout.DMA_SYNC;
  }

  private long iommu(int number, long[] o, boolean relaxed) {
    long a = o[HvCallLayout.O1];
    long b = o[HvCallLayout.O2];
    long c = o[HvCallLayout.O3];
    return switch (number) {
      case HvCallLayout.MAP -> iommu.map(a, b, c, o[HvCallLayout.O4], relaxed, results);
      case HvCallLayout.DEMAP -> iommu.demap(a, b, results);
      case HvCallLayout.GETMAP -> iommu.getMap(a, results);
      case HvCallLayout.GETBYPASS -> iommu.getBypass(a, b, relaxed, results);
      default -> iommu.sync(a, b, c, results);
    };
  }

  private long iotsb(int number, long[] o) {
    long a = o[HvCallLayout.O1];
    long b = o[HvCallLayout.O2];
    long c = o[HvCallLayout.O3];
    long d = o[HvCallLayout.O4];
    return switch (number) {
      case HvCallLayout.IOTSB_CONF -> iotsb.conf(a, b, c, d, results);
      case HvCallLayout.IOTSB_INFO -> iotsb.info(a, results);
      case HvCallLayout.IOTSB_UNCONF -> iotsb.unconf(a);
      case HvCallLayout.IOTSB_BIND -> iotsb.bind(a, b);
      case HvCallLayout.IOTSB_UNBIND -> iotsb.unbind(a, b);
      case HvCallLayout.IOTSB_GET_BINDING -> iotsb.getBinding(a, b, results);
      case HvCallLayout.IOTSB_MAP -> iotsb.map(a, b, c, d, results);
      case HvCallLayout.IOTSB_MAP_ONE -> iotsb.mapOne(a, b, c, d);
      case HvCallLayout.IOTSB_DEMAP -> iotsb.demap(a, b, c, results);
      case HvCallLayout.IOTSB_GETMAP -> iotsb.getMap(a, b, results);
      default -> iotsb.sync(a, b, c, results);
    };
  }
}
