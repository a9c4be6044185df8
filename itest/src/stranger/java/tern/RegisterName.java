package tern;

/** The registers, all of 64 bits. */
final class RegisterName {

  /** Bit 0: the bridge translates; otherwise it blocks everything. */
  static final String CONTROL = "CONTROL";

  /** Address of the root page. */
  static final String ROOT = "ROOT";

  /** See {@link FaultLayout}. */
  static final String FAULT_STATUS = "FAULT_STATUS";

  /** See {@link FaultLayout}. */
  static final String FAULT_ADDRESS = "FAULT_ADDRESS";

  static final long ENABLE = 1;

  private RegisterName() {}
}
