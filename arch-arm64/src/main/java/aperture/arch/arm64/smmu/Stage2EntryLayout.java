package aperture.arch.arm64.smmu;

/**
 * The stage-2 half of a stream table entry: dwords 2 and 3.
 *
 * <pre>
 *   2   63  59  58  57  56  55   54    53    52     51   50  48 47  46 45   44 43 42 41 40 39  38 37   32
 *      +------+---+---+---+---+-----+------+------+------+------+------+------+-----+-----+------+-------+
 *      |  0   |S2R|S2S|HA |HD |S2PTW|S2AFFD|S2ENDI|S2AA64| S2PS | S2TG | S2SH0|S2OR0|S2IR0|S2SL0 |S2T0SZ |
 *      +------+---+---+---+---+-----+------+------+------+------+------+------+-----+-----+------+-------+
 *       31                           16 15                                                              0
 *      +-------------------------------+-----------------------------------------------------------------+
 *      |               0               |                             S2VMID                              |
 *      +-------------------------------+-----------------------------------------------------------------+
 *   3  S2TTB 51:4
 *
 *   S2TG: 0 is 4 KiB, 1 is 64 KiB, 2 is 16 KiB.   S2SL0: the walk starts at level 2 - S2SL0 with pages
 *   of 4 KiB (3 means level 3), at level 3 - S2SL0 with larger ones
 * </pre>
 *
 * <p>Source: IHI 0070, section 5.2, Stream Table Entry.
 */
final class Stage2EntryLayout {

  /** Where the two dwords lie in an entry. */
  static final int CONTROL = 16;

  static final int TABLE = 24;

  static final int RESERVED_START = 3;

  private static final int[] GRANULE = {12, 16, 14, ContextLayout.NO_GRANULE};

  /** By granule and start; none for a granule that is none. */
  private static final Descent[] DESCENTS = descents();

  private Stage2EntryLayout() {}

  private static Descent[] descents() {
    Descent[] all = new Descent[GRANULE.length * (RESERVED_START + 1)];
    for (long code = 0; code < all.length; code++) {
      long control = code >> 2 << 46 | (code & RESERVED_START) << 38;
      if (granule(control) != ContextLayout.NO_GRANULE) {
        all[(int) code] = Descent.fromLevel(granule(control), startLevel(control));
      }
    }
    return all;
  }

  static int vmid(long control) {
    return Bits.small(control, 15, 0);
  }

  /** S2T0SZ. */
  static int inputSize(long control) {
    return Bits.small(control, 37, 32);
  }

  /** S2SL0. */
  static int start(long control) {
    return Bits.small(control, 39, 38);
  }

  /** Log2 of the page size, or {@link ContextLayout#NO_GRANULE}. */
  static int granule(long control) {
    return GRANULE[Bits.small(control, 47, 46)];
  }

  /** S2PS: code of the output width. */
  static int outputSize(long control) {
    return Bits.small(control, 50, 48);
  }

  static boolean aarch64(long control) {
    return Bits.isSet(control, 51);
  }

  static boolean bigEndian(long control) {
    return Bits.isSet(control, 52);
  }

  static boolean accessFlagIgnored(long control) {
    return Bits.isSet(control, 53);
  }

  /** S2PTW: stage-1 structures must not lie in what stage 2 calls device memory. */
  static boolean protectsWalks(long control) {
    return Bits.isSet(control, 54);
  }

  static boolean updatesDirtyState(long control) {
    return Bits.isSet(control, 55);
  }

  static boolean updatesAccessFlag(long control) {
    return Bits.isSet(control, 56);
  }

  static boolean stalls(long control) {
    return Bits.isSet(control, 57);
  }

  static boolean records(long control) {
    return Bits.isSet(control, 58);
  }

  static long table(long tableWord) {
    return Bits.inPlace(tableWord, 51, 4);
  }

  /** Level of the first table, which may be several tables side by side. */
  static int startLevel(long control) {
    int start = start(control);
    if (granule(control) != TableLayout.GRANULE_4K) {
      return TableLayout.LAST_LEVEL - start;
    }
    return start == RESERVED_START ? TableLayout.LAST_LEVEL : TableLayout.LAST_LEVEL - 1 - start;
  }

  /** The way down from that table; of an entry that is legal. */
  static Descent descent(long control) {
    return DESCENTS[Bits.small(control, 47, 46) << 2 | start(control)];
  }
}
