package aperture.arch.x86.amdvi;

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

  /** As Linux runs it. */
  static final long CONTROL = 0x3f48f;

  static final long FEATURES = 0x29d3;

  static final long DEVICES = 0x10_0000;
  static final long ROOT = 0x11_0000;
  static final long MIDDLE = 0x11_1000;
  static final long LOW = 0x11_2000;
  static final long COMMANDS = 0x12_0000;
  static final long EVENTS = 0x12_2000;

  /** Readable and writable, present. */
  static final long RW = 0x6000_0000_0000_0001L;

  static final long R = 0x2000_0000_0000_0001L;
  static final long W = 0x4000_0000_0000_0001L;

  /** 0x40203123 in a table of three levels: index 1, 1, 3. */
  static final long IOVA = 0x4020_3123L;

  final BareState state;
  final Endpoint endpoint;

  /** Where the endpoint's device table entry stands: requester 00:05.0. */
  final long entry = DEVICES + 0x28 * 32;

  /** A unit that runs, a device table for one bus, and one entry of domain 6. */
  HandmadeTables(BareState state, long quad0) {
    this.state = state;
    endpoint = state.endpoint(0, 5);
    state.registers().set("DEVTAB", DEVICES | 1);
    state.registers().set("CMDBUF", COMMANDS | 9L << 56);
    state.registers().set("EVTLOG", EVENTS | 9L << 56);
    state.registers().set("EXT_FEATURES", FEATURES);
    state.registers().set("CONTROL", CONTROL);
    state.registers().set("STATUS", 0x18);
    state.put(entry, quad0);
    state.put(entry + 8, 6);
  }

  static long next(int level) {
    return (long) level << 9;
  }

  /** An entry of a mode with everything allowed, its table at {@link #ROOT}. */
  static long mode(int levels) {
    return 0x6000_0000_0000_0003L | (long) levels << 9 | (levels == 0 ? 0 : ROOT);
  }

  /** Three levels, and one page of 4 KiB: 0x40203000 means 0x7654000. */
  static HandmadeTables threeLevels(BareState state) {
    HandmadeTables tables = new HandmadeTables(state, mode(3));
    state.put(ROOT + 8, MIDDLE | next(2) | RW);
    state.put(MIDDLE + 8, LOW | next(1) | RW);
    state.put(LOW + 3 * 8, 0x765_4000L | RW);
    return tables;
  }

  IommuInstance attach() {
    try {
      return new AmdViBehavior().attach(state);
    } catch (AttachRefusedException e) {
      throw new AssertionError(e);
    }
  }

  /** The software's hand on the registers, with the hardware behind it. */
  AmdViRegisterFile registers() {
    AmdViEventLog events = new AmdViEventLog(state.registers(), state.memory());
    return new AmdViRegisterFile(state, new AmdViCommandProcessor(state, events));
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
