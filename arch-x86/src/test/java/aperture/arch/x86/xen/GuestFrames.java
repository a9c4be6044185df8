package aperture.arch.x86.xen;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuInstance;
import aperture.iommu.WalkResult;
import java.util.Map;

/** A guest's structures written by hand, with plain numbers and no layout class. */
final class GuestFrames {

  static final long GRANTS = 0x10_0000;
  static final long LIST = 0x20_0000;

  /** Machine address of the first frame in the hypervisor's table. */
  static final long FIRST = 0x50_0000_0000L;

  static final long GRANT = 1L << 63;

  final BareState state;
  final Endpoint endpoint;
  private final IommuInstance instance;

  /**
   * One frame of grants; a list of 16,384 frames; machine frame FIRST/4096 + 7 is guest frame 9.
   */
  GuestFrames(BareState state, IommuBehavior behavior) throws Exception {
    this.state = state;
    endpoint = state.endpoint(0, 1);
    state.registers().set("GRANT_TABLE", GRANTS);
    state.registers().set("GRANT_FRAMES", 1);
    state.registers().set("P2M_LIST", LIST);
    state.registers().set("P2M_PAGES", 16_384);
    state.tables().create(0, 1024, Map.of("bus_offset", FIRST, "page_shift", 12L)).set(7, 9);
    state.put(LIST + 9 * 8, FIRST / 4096 + 7);
    instance = behavior.attach(state);
  }

  /** Writes a grant entry. */
  void grant(int reference, int flags, int domain, long frame) {
    state.put(GRANTS + reference * 8L, frame << 32 | (long) domain << 16 | flags);
  }

  WalkResult walk(long address, Access access) {
    return BareState.walk(instance.walker(), endpoint, address, access);
  }

  String decode(WalkResult result, int step) {
    return instance.decode(result.stepStructure(step), result.stepValue(step));
  }
}
