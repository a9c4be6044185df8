package aperture.console.matrix;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;

/** An IOMMU that does everything right but one thing. */
record SabotagedBehavior(IommuBehavior behavior, Sabotage sabotage) implements IommuBehavior {

  /** What it does wrong. */
  interface Sabotage {

    /** After a walk. */
    default void walked(long iova, WalkResult result) {}

    /** Instead of its tables, registers and so on. */
    default IommuState state(IommuState state) {
      return state;
    }
  }

  @Override
  public String kind() {
    return behavior.kind();
  }

  @Override
  public int stateVersion() {
    return behavior.stateVersion();
  }

  @Override
  public IommuCapabilities capabilities() {
    return behavior.capabilities();
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return new Instance(behavior.attach(sabotage.state(state)), sabotage);
  }

  private static final class Instance extends IommuWalker implements IommuInstance {

    private final IommuInstance instance;
    private final Sabotage sabotage;

    Instance(IommuInstance instance, Sabotage sabotage) {
      this.instance = instance;
      this.sabotage = sabotage;
    }

    @Override
    public IommuWalker walker() {
      return this;
    }

    @Override
    public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
      instance.walker().walk(endpoint, iova, access, result);
      sabotage.walked(iova, result);
    }

    @Override
    public Optional<IommuTableDriver> tableDriver() {
      return instance.tableDriver();
    }

    @Override
    public void recordFault(Endpoint endpoint, IommuFault fault) {
      instance.recordFault(endpoint, fault);
    }

    @Override
    public List<RecordedFault> recordedFaults() {
      return instance.recordedFaults();
    }
  }

  /** The same state, with another invalidator: one call answered differently. */
  static IommuState deaf(IommuState state) {
    return (IommuState)
        Proxy.newProxyInstance(
            SabotagedBehavior.class.getClassLoader(),
            new Class<?>[] {IommuState.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("invalidator")) {
                return Proxy.newProxyInstance(
                    SabotagedBehavior.class.getClassLoader(),
                    new Class<?>[] {aperture.iommu.IommuInvalidator.class},
                    (deaf, call, ignored) -> null);
              }
              return method.invoke(state, arguments);
            });
  }
}
