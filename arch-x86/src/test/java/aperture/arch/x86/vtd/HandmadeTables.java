package aperture.arch.x86.vtd;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInstance;
import aperture.iommu.WalkResult;

/**
 * Tables written by hand at fixed places, one page each, with plain numbers and no layout class, so
 * that a wrong layout cannot hide behind itself.
 */
final class HandmadeTables {

  static final long CAP_39 = 0xd2008c22260206L;
  static final long CAP_48 = 0xd2008c222f0606L;
  static final long CAP_57 = 0xd2008c22380e06L;
  static final long ECAP = 0xf42;
  static final long ENABLED = 0xc4000000L;

  static final long ROOT = 0x10_0000;
  static final long CONTEXT = 0x10_1000;
  static final long TOP = 0x10_2000;
  static final long MIDDLE = 0x10_3000;
  static final long LOW = 0x10_4000;
  static final long LEAF = 0x10_5000;

  final BareState state;
  final Endpoint endpoint;
  final long contextEntry;

  /** Root and context entry of one endpoint; second-level tables are the test's own. */
  HandmadeTables(BareState state, long cap, long contextLow, long contextHigh) {
    this.state = state;
    endpoint = state.endpoint(3, 5);
    contextEntry = CONTEXT + 5 * 8 * 16;
    state.registers().set("CAP", cap);
    state.registers().set("ECAP", ECAP);
    state.registers().set("RTADDR", ROOT);
    state.registers().set("GSTS", ENABLED);
    state.put(ROOT + 3 * 16, CONTEXT | 1);
    state.put(contextEntry, contextLow);
    state.put(contextEntry + 8, contextHigh);
  }

  /** Three levels, domain 6, and one 4 KiB page: 0x40203000 means 0x7654000, readable, writable. */
  static HandmadeTables threeLevels(BareState state) {
    HandmadeTables tables = new HandmadeTables(state, CAP_39, TOP | 1, 0x601);
    state.put(TOP + 1 * 8, MIDDLE | 3);
    state.put(MIDDLE + 1 * 8, LOW | 3);
    state.put(LOW + 3 * 8, 0x7654003);
    return tables;
  }

  static final long IOVA = 0x4020_3000L;

  static long capability(int width) {
    return width == 39 ? CAP_39 : width == 48 ? CAP_48 : CAP_57;
  }

  IommuInstance attach() {
    try {
      return new VtdBehavior().attach(state);
    } catch (AttachRefusedException e) {
      throw new AssertionError(e);
    }
  }

  WalkResult walk(long iova, Access access) {
    return BareState.walk(attach().walker(), endpoint, iova, access);
  }

  WalkResult read(long iova) {
    return walk(iova, Access.READ);
  }

  WalkResult write(long iova) {
    return walk(iova, Access.WRITE);
  }
}
