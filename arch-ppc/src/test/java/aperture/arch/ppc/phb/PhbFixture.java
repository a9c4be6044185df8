package aperture.arch.ppc.phb;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;

/** A bridge with its requester table and everything else under a test's hands. */
final class PhbFixture implements AutoCloseable {

  static final long RTT = 0x4_0000;
  static final long PEST = 0x8_0000;

  final TableState state = new TableState();
  final PhbModel model;
  final PhbRegisterFile registers;
  final OpalCalls firmware;
  final PhbWalker walker;

  PhbFixture(PhbModel model) {
    this.model = model;
    registers = new PhbRegisterFile(model, state);
    firmware = new OpalCalls(model, state, registers);
    registers.createTables();
    registers.write(0x168, 1L << 63 | RTT);
    registers.write(0x160, 1L << 55);
    walker = new PhbWalker(model, state.memory(), new PhbView(state.registers(), state.tables()));
  }

  void put64(long gpa, long value) {
    state.memory().putBe64(state.memory().offsetOf(gpa, 8), value);
  }

  long get64(long gpa) {
    return state.memory().getBe64(state.memory().offsetOf(gpa, 8));
  }

  /** Writes a requester's PE number into the table in memory, byte by byte. */
  void pe(int requesterId, int pe) {
    long at = state.memory().offsetOf(RTT + 2L * requesterId, 2);
    state.memory().put8(at, (byte) (pe >> 8));
    state.memory().put8(at + 1, (byte) pe);
  }

  void tve(int index, long tve) {
    state.tables().find(9).orElseThrow().set(index, tve);
  }

  WalkResult walk(int requesterId, long iova, Access access) {
    return TableState.walk(walker, new Endpoint(0, "any", requesterId, Map.of()), iova, access);
  }

  @Override
  public void close() {
    state.close();
  }
}
