package aperture.arch.x86.vtd;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInstance;
import aperture.iommu.WalkResult;
import java.util.Map;

/**
 * Scalable-mode tables written by hand at fixed places with plain numbers. The endpoint is 03:15.0:
 * a function of the upper half of its bus, whose requests without PASID are those of PASID 0x45.
 */
final class ScalableTables {

  /** 48-bit second level, 5-level first level, large pages of both. */
  static final long CAP = 0xd2008c222f0606L | 1L << 56 | 1L << 60;

  /** Device TLB, pass-through, nested, PASIDs, scalable mode, both levels. */
  static final long ECAP = 0xf46 | 1L << 26 | 1L << 40 | 1L << 43 | 1L << 46 | 1L << 47;

  static final long ROOT = 0x10_0000;
  static final long CONTEXT = 0x10_1000;
  static final long DIRECTORY = 0x10_2000;
  static final long PASIDS = 0x10_3000;

  /** Tables of the second level, top to bottom. */
  static final long[] SECOND = {0x11_0000, 0x11_1000, 0x11_2000, 0x11_3000};

  /** Tables of the first level, top to bottom. */
  static final long[] FIRST = {0x12_0000, 0x12_1000, 0x12_2000, 0x12_3000, 0x12_4000};

  static final int PASID = 0x45;

  static final long ROOT_HALF = ROOT + 3 * 16 + 8;
  static final long CONTEXT_ENTRY = CONTEXT + 0x28 * 32;
  static final long DIRECTORY_ENTRY = DIRECTORY + 8;
  static final long PASID_ENTRY = PASIDS + 5 * 64;

  final BareState state;
  final Endpoint endpoint;

  /**
   * @param version 0x10 for the emulated unit, 0x40 for one by the book
   * @param pgtt which tables translate
   */
  ScalableTables(BareState state, int version, int pgtt) {
    this.state = state;
    endpoint = state.endpoint(3, 0x15);
    state.registers().set("VER", version);
    state.registers().set("CAP", CAP);
    state.registers().set("ECAP", ECAP);
    state.registers().set("RTADDR", ROOT | 0x400);
    state.registers().set("GSTS", 0xc4000000L);
    state.put(ROOT_HALF, CONTEXT | 1);
    state.put(CONTEXT_ENTRY, DIRECTORY | 0x5);
    state.put(CONTEXT_ENTRY + 8, PASID);
    state.put(DIRECTORY_ENTRY, PASIDS | 1);
    state.put(PASID_ENTRY, SECOND[0] | (long) pgtt << 6 | 2 << 2 | 1);
    state.put(PASID_ENTRY + 8, 0xabcd);
    state.put(PASID_ENTRY + 16, FIRST[0]);
    for (int i = 0; i < 3; i++) {
      state.put(SECOND[i], SECOND[i + 1] | 3);
      state.put(FIRST[i], FIRST[i + 1] | 7);
    }
  }

  /** The bottom entry of the second level for a page of the lowest 2 MiB. */
  static long secondEntry(long page) {
    return SECOND[3] + (page >>> 12) * 8;
  }

  /** The bottom entry of the first level for a page of the lowest 2 MiB. */
  static long firstEntry(long page) {
    return FIRST[3] + (page >>> 12) * 8;
  }

  /** An endpoint at the same place in the tables that asks in another way. */
  Endpoint asking(Map<String, String> attributes) {
    return new Endpoint(0, endpoint.id(), endpoint.requesterId(), attributes);
  }

  IommuInstance attach() {
    try {
      return new VtdBehavior().attach(state);
    } catch (AttachRefusedException e) {
      throw new AssertionError(e);
    }
  }

  WalkResult walk(Endpoint asker, long iova, Access access) {
    return BareState.walk(attach().walker(), asker, iova, access);
  }

  WalkResult read(long iova) {
    return walk(endpoint, iova, Access.READ);
  }

  WalkResult write(long iova) {
    return walk(endpoint, iova, Access.WRITE);
  }
}
