package aperture.arch.arm64.smmu;

/**
 * Event record, 32 bytes: a fault as the SMMU writes it into the event queue.
 *
 * <pre>
 *   0   63           32 31        12  11  10  8 7        0
 *      +---------------+------------+----+-----+----------+
 *      |   StreamID    |SubstreamID | SSV|  0  |  number  |
 *      +---------------+------------+----+-----+----------+
 *   1  TTRnW 44 | Class 41:40 | S2 39 | RnW 35 | InD 34 | PnU 33 | Stall 31 | STAG or Reason 15:0
 *   2  input address
 *   3  fetch address 51:3, or intermediate address 51:12
 * </pre>
 *
 * <p>Source: IHI 0070, section 7.3, Event records.
 */
final class EventLayout {

  static final int BYTES = 32;
  static final int ATTRIBUTES = 8;
  static final int INPUT_ADDRESS = 16;
  static final int FETCH_ADDRESS = 24;

  /** What was being read or translated: a context, a table, or the transaction's own address. */
  static final int CLASS_CONTEXT = 0;

  static final int CLASS_TABLE = 1;
  static final int CLASS_INPUT = 2;

  /** The fault is one of stage 2. */
  static final long STAGE_2 = Bits.bit(39);

  /** TTRnW: the table access that stage 2 did not permit was a read. */
  static final long TABLE_READ = Bits.bit(44);

  private static final String[] CLASS_NAMES = {
    "a context", "a table", "the input", "nothing known"
  };

  private static final int READ = 35;
  private static final int PRIVILEGED = 33;

  private EventLayout() {}

  static long identity(int number, int streamId) {
    return Integer.toUnsignedLong(streamId) << 32 | number;
  }

  static int number(long identity) {
    return Bits.small(identity, 7, 0);
  }

  static int streamId(long identity) {
    return (int) (identity >>> 32);
  }

  static long attributes(boolean read, boolean privileged, int faultClass) {
    return (read ? Bits.bit(READ) : 0)
        | (privileged ? Bits.bit(PRIVILEGED) : 0)
        | (long) faultClass << 40;
  }

  static boolean read(long attributes) {
    return Bits.isSet(attributes, READ);
  }

  /** What was being read or translated, in words; whatever software wrote there since. */
  static String className(long attributes) {
    return CLASS_NAMES[Bits.small(attributes, 41, 40)];
  }

  static long fetchAddress(long address) {
    return Bits.inPlace(address, 51, 3);
  }

  static long intermediateAddress(long address) {
    return Bits.inPlace(address, 51, 12);
  }
}
