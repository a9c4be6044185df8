package aperture.arch.x86.vtd;

import aperture.arch.x86.BareState;

/** A raw queue in front of a unit, which is on and knows two devices. */
final class InvalidationQueue implements AutoCloseable {

  static final long QUEUE = 0x20_0000;

  /** Where a wait may write, outside the queue. */
  static final long STATUS = 0x20_4000;

  private final BareState state = new BareState();
  private final VtdEvents events = new VtdEvents(state.registers());
  private final VtdRegisterFile registers =
      new VtdRegisterFile(
          state,
          new VtdInvalidationUnit(state, events),
          new VtdFaultRecorder(state.registers(), events),
          events);
  private long tail;

  InvalidationQueue() {
    registers.reset(48, TranslationMode.LEGACY);
    state.endpoint(0, 5);
    state.endpoint(3, 5);
    registers.write("IQA", QUEUE);
    registers.write("GCMD", 1L << 26);
  }

  BareState state() {
    return state;
  }

  VtdRegisterFile registers() {
    return registers;
  }

  /** Puts a descriptor behind the last one, and tells the unit. */
  void submit(long low, long high) {
    state.put(QUEUE + tail, low);
    state.put(QUEUE + tail + 8, high);
    tail = (tail + 16) % 4096;
    registers.write("IQT", tail);
  }

  boolean stopped() {
    return (state.registers().get("FSTS") & 0x10) != 0;
  }

  @Override
  public void close() {
    state.close();
  }
}
