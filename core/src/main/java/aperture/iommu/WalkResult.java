package aperture.iommu;

/**
 * Caller-owned space for one walk's answer; reused, so that a walk allocates nothing.
 *
 * <p>A walker calls {@link #step} for each structure it reads and ends with exactly one of {@link
 * #translated}, {@link #fault}, {@link #pending}. Not thread-safe.
 */
public final class WalkResult {

  /** Steps remembered for explanation; further ones overwrite the last. */
  public static final int MAX_STEPS = 24;

  /** How a walk ended. */
  public enum Outcome {
    TRANSLATED,
    FAULT,
    /** Another process must answer; the caller waits without holding anything. */
    PENDING
  }

  /** A structure that was read. */
  private static final class Step {
    private String structure = "";
    private long address;
    private long value;
  }

  private static final int TRANSLATED = 1;
  private static final int FAULT = 2;
  private static final int PENDING = 3;

  private static final Step[] UNNOTED = {};

  private final Step[] all;
  private final boolean notes;
  private int steps;

  /** How the walk ended, 0 as long as it did not. */
  private int ended;

  private long iovaBase;
  private long gpaBase;
  private long size;
  private Permission permission = Permission.NONE;
  private int domain;
  private FaultKind faultKind = FaultKind.BLOCKED;
  private int faultReason;
  private String faultText = "";
  private boolean recorded;

  /** A result that notes the steps of a walk. */
  public WalkResult() {
    this(true);
  }

  private WalkResult(boolean notes) {
    this.notes = notes;
    this.all = notes ? new Step[MAX_STEPS] : UNNOTED;
    for (int i = 0; i < all.length; i++) {
      all[i] = new Step();
    }
  }

  /**
   * A result that notes no steps: for walks of which only the answer matters. Whoever wants to know
   * why such a walk failed walks again.
   */
  public static WalkResult withoutSteps() {
    return new WalkResult(false);
  }

  /** Forgets the previous walk; core calls it before each. */
  public void begin() {
    steps = 0;
    ended = 0;
  }

  /**
   * Notes a structure that was read.
   *
   * @param structure its name, a constant, for example {@code "context entry"}
   * @param address guest-physical address of the entry, or its index where the platform keeps it
   * @param value the raw value that was read, the first 64 bits of it
   */
  public void step(String structure, long address, long value) {
    if (notes) {
      note(structure, address, value);
    }
  }

  /**
   * Apart, and too long to be compiled into a walk that seldom comes here: walks that note nothing
   * keep their registers for themselves.
   */
  @SuppressWarnings("ReferenceEquality")
  private void note(String structure, long address, long value) {
    int at = Math.min(steps, MAX_STEPS - 1);
    Step step = all[at];
    // Names are constants; writing one is dearer than seeing that it stands there already.
    if (step.structure != structure) {
      step.structure = structure;
    }
    step.address = address;
    step.value = value;
    steps = at + 1;
  }

  /**
   * The walk found a translation.
   *
   * @param iovaBase first IOVA of the extent, aligned to {@code size}
   * @param gpaBase guest-physical address that it means
   * @param size bytes of the extent: one translation answers for all of it; a power of two, at
   *     least 1 page
   * @param permission all that the extent allows, not just what was asked
   * @param domain tag of the address space, for invalidation
   */
  public void translated(
      long iovaBase, long gpaBase, long size, Permission permission, int domain) {
    ended = TRANSLATED;
    this.iovaBase = iovaBase;
    this.gpaBase = gpaBase;
    this.size = size;
    if (this.permission != permission) {
      this.permission = permission;
    }
    this.domain = domain;
  }

  /**
   * The walk ended in a fault.
   *
   * @param kind the common shape
   * @param reason the IOMMU's own code, -1 when it has none
   * @param text the code in words, a constant
   * @param recorded whether this hardware tells software about it
   */
  public void fault(FaultKind kind, int reason, String text, boolean recorded) {
    ended = FAULT;
    faultKind = kind;
    faultReason = reason;
    faultText = text;
    this.recorded = recorded;
  }

  /** Another process must answer. */
  public void pending() {
    ended = PENDING;
  }

  public Outcome outcome() {
    return ended == TRANSLATED
        ? Outcome.TRANSLATED
        : ended == PENDING ? Outcome.PENDING : Outcome.FAULT;
  }

  public long iovaBase() {
    return iovaBase;
  }

  public long gpaBase() {
    return gpaBase;
  }

  public long size() {
    return size;
  }

  public Permission permission() {
    return permission;
  }

  public int domain() {
    return domain;
  }

  public FaultKind faultKind() {
    return ended == FAULT ? faultKind : FaultKind.BLOCKED;
  }

  public int faultReason() {
    return ended == FAULT ? faultReason : -1;
  }

  public String faultText() {
    return ended == FAULT ? faultText : "the walker gave no answer";
  }

  public boolean recorded() {
    return ended == FAULT && recorded;
  }

  /** Guest-physical address of an IOVA inside the extent. */
  public long gpaOf(long iova) {
    return gpaBase + (iova - iovaBase);
  }

  /** How many steps were noted. */
  public int steps() {
    return steps;
  }

  public String stepStructure(int step) {
    return all[step].structure;
  }

  public long stepAddress(int step) {
    return all[step].address;
  }

  public long stepValue(int step) {
    return all[step].value;
  }

  /** The fault as a value of core's own types. */
  public IommuFault toFault(Endpoint endpoint, long iova, Access access) {
    boolean any = steps > 0;
    int last = steps - 1;
    return new IommuFault(
        endpoint.id(),
        endpoint.requesterId(),
        iova,
        access,
        faultKind(),
        faultReason(),
        faultText(),
        any ? stepStructure(last) : "",
        any ? stepAddress(last) : 0,
        any ? stepValue(last) : 0,
        recorded());
  }
}
