package aperture.testkit;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuException;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A {@link FlatBehavior} that a test can look into: hooks run inside its calls, attaching can be
 * refused, and the next walks can be given other answers.
 */
public final class HookedBehavior implements IommuBehavior {

  private final FlatBehavior behavior = new FlatBehavior();
  private final int stateVersion;
  private final AtomicLong walks = new AtomicLong();
  private final Deque<Answer> answers = new ArrayDeque<>();
  private volatile Runnable onWalk = () -> {};
  private volatile Runnable onAttachEndpoint = () -> {};
  private volatile Runnable onMapAt = () -> {};
  private volatile Runnable onUnmap = () -> {};
  private volatile Runnable onRecordFault = () -> {};
  private volatile String refusal = "";
  private volatile Set<String> options = Set.of();
  private volatile boolean putsOff;
  private volatile Map<String, String> given = Map.of();

  /** What a walk says instead of the truth. */
  @FunctionalInterface
  public interface Answer {
    void give(WalkResult result);
  }

  public HookedBehavior() {
    this(1);
  }

  public HookedBehavior(int stateVersion) {
    this.stateVersion = stateVersion;
  }

  public HookedBehavior onWalk(Runnable hook) {
    onWalk = hook;
    return this;
  }

  public HookedBehavior onAttachEndpoint(Runnable hook) {
    onAttachEndpoint = hook;
    return this;
  }

  public HookedBehavior onMapAt(Runnable hook) {
    onMapAt = hook;
    return this;
  }

  public HookedBehavior onUnmap(Runnable hook) {
    onUnmap = hook;
    return this;
  }

  public HookedBehavior onRecordFault(Runnable hook) {
    onRecordFault = hook;
    return this;
  }

  /** Refuses to attach from now on; empty for not. */
  public HookedBehavior refuse(String why) {
    refusal = why;
    return this;
  }

  /** Takes options of these names from now on. */
  public HookedBehavior takes(String... names) {
    options = Set.of(names);
    return this;
  }

  /** Puts each unmap off until it is told to flush. */
  public HookedBehavior putOff() {
    putsOff = true;
    return this;
  }

  /** The options that it was attached with. */
  public Map<String, String> given() {
    return given;
  }

  /** The next walk that has no answer yet gives this one. */
  public synchronized HookedBehavior answer(Answer answer) {
    answers.add(answer);
    return this;
  }

  private synchronized Optional<Answer> nextAnswer() {
    return Optional.ofNullable(answers.poll());
  }

  /** Walks so far. */
  public long walks() {
    return walks.get();
  }

  @Override
  public String kind() {
    return behavior.kind();
  }

  @Override
  public int stateVersion() {
    return stateVersion;
  }

  @Override
  public IommuCapabilities capabilities() {
    return behavior.capabilities();
  }

  @Override
  public Set<String> options() {
    return options;
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    if (!refusal.isEmpty()) {
      throw new AttachRefusedException(refusal);
    }
    given = state.options();
    return new Instance(behavior.attach(state));
  }

  private final class Instance extends IommuWalker implements IommuInstance, IommuTableDriver {

    private final IommuInstance instance;
    private final IommuWalker walker;
    private final IommuTableDriver driver;
    private final List<Runnable> late = new ArrayList<>();

    Instance(IommuInstance instance) {
      this.instance = instance;
      this.walker = instance.walker();
      this.driver = instance.tableDriver().orElseThrow();
    }

    @Override
    public IommuWalker walker() {
      return this;
    }

    @Override
    public Optional<IommuTableDriver> tableDriver() {
      return Optional.of(this);
    }

    @Override
    public void recordFault(Endpoint endpoint, IommuFault fault) {
      onRecordFault.run();
      instance.recordFault(endpoint, fault);
    }

    @Override
    public List<RecordedFault> recordedFaults() {
      return instance.recordedFaults();
    }

    @Override
    public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
      walks.incrementAndGet();
      Optional<Answer> answer = nextAnswer();
      if (answer.isPresent()) {
        answer.get().give(result);
      } else {
        walker.walk(endpoint, iova, access, result);
      }
      // After the tables were read: what a late walk found is what it found long ago.
      onWalk.run();
    }

    @Override
    public void initialize() throws IommuException {
      driver.initialize();
    }

    @Override
    public void attachEndpoint(Endpoint endpoint) throws IommuException {
      onAttachEndpoint.run();
      driver.attachEndpoint(endpoint);
    }

    @Override
    public void attachIdentity(Endpoint endpoint) throws IommuException {
      driver.attachIdentity(endpoint);
    }

    @Override
    public void detachEndpoint(Endpoint endpoint) {
      driver.detachEndpoint(endpoint);
    }

    @Override
    public long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
        throws IommuException {
      return driver.map(endpoint, gpa, size, permission, limit);
    }

    @Override
    public void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
        throws IommuException {
      onMapAt.run();
      driver.mapAt(endpoint, iova, gpa, size, permission);
    }

    @Override
    public void unmap(Endpoint endpoint, long iova, long size) {
      onUnmap.run();
      if (putsOff) {
        late.add(() -> driver.unmap(endpoint, iova, size));
      } else {
        driver.unmap(endpoint, iova, size);
      }
    }

    @Override
    public boolean deferred() {
      return !late.isEmpty();
    }

    @Override
    public void flush() {
      late.forEach(Runnable::run);
      late.clear();
    }

    @Override
    public int pageSize() {
      return driver.pageSize();
    }
  }
}
