package aperture.arch.sparc.sun4v;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;

/** A partition that was just started, and a guest that traps. */
final class HvFixture implements AutoCloseable {

  static final long HANDLE = 0x7c0;

  final TableState state = new TableState();
  final Hypervisor hypervisor;
  final Sun4vWalker walker;

  HvFixture() {
    RootComplex.create(state.tables());
    IoTables tables = new IoTables(state.tables());
    Bypass bypass = new Bypass(state.registers());
    hypervisor = new Hypervisor(state, tables, bypass);
    walker = new Sun4vWalker(tables, bypass);
  }

  void register() {
    hypervisor.setVersion(0x100, 2, 0, new long[1]);
    hypervisor.setVersion(0x111, 1, 1, new long[1]);
  }

  /** A call with the right root complex; status and results. */
  long[] call(int number, long... arguments) {
    long[] o = new long[6];
    o[0] = HANDLE;
    System.arraycopy(arguments, 0, o, 1, arguments.length);
    o[5] = number;
    hypervisor.trap(o);
    return o;
  }

  void list(long at, long... addresses) {
    for (int i = 0; i < addresses.length; i++) {
      state.memory().putBe64(state.memory().offsetOf(at + 8L * i, 8), addresses[i]);
    }
  }

  WalkResult walk(int requesterId, long iova, Access access) {
    return TableState.walk(walker, new Endpoint(0, "any", requesterId, Map.of()), iova, access);
  }

  @Override
  public void close() {
    state.close();
  }
}
