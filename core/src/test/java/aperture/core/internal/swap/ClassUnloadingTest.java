package aperture.core.internal.swap;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.AddressSpace;
import aperture.access.Setting;
import aperture.admin.DeviceSpec;
import aperture.admin.MachineSpec;
import aperture.core.Aperture;
import aperture.dma.DeviceDma;
import aperture.dma.Direction;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.DriverDma;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.IommuBehavior;
import aperture.testkit.FlatBehavior;
import aperture.testkit.FlatRow;
import aperture.testkit.Worker;
import aperture.virtio.VirtioDeviceType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** After a swap nothing in core keeps the classes of the behaviour that left. */
class ClassUnloadingTest {

  private static final String BUNDLE_CLASS = FlatBehavior.class.getName();

  /** A bundle's loader: the behaviour's classes are its own, everything else is core's. */
  private static final class BundleLoader extends ClassLoader {

    BundleLoader() {
      super(ClassUnloadingTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (!name.startsWith(BUNDLE_CLASS)) {
          return super.loadClass(name, resolve);
        }
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String path = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(path)) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  private static IommuBehavior fromABundle() throws ReflectiveOperationException {
    return (IommuBehavior)
        new BundleLoader().loadClass(BUNDLE_CLASS).getDeclaredConstructor().newInstance();
  }

  private record Running(DriverDma driver, DeviceDma device, DmaSession session) {

    /** Maps, translates, faults: everything that leaves something behind. */
    void use() throws Exception {
      long gpa = driver.allocate(4096).gpa();
      long iova = driver.map(gpa, 4096, Direction.TO_DEVICE);
      assertThat(access(iova, Access.READ)).isEqualTo(TranslateStatus.OK);
      assertThat(access(iova, Access.WRITE)).isEqualTo(TranslateStatus.FAULT);
      device.explain(iova, 8, Access.WRITE);
    }

    private TranslateStatus access(long iova, Access access) {
      assertThat(session.begin()).isTrue();
      TranslateStatus status = session.translate(iova, 8, access, new DmaRanges());
      session.hold();
      session.end();
      return status;
    }
  }

  private static Running start(Aperture aperture, VirtioDeviceType type) throws Exception {
    aperture.family(new FlatRow(), FlatRow.ARCH).deviceType(type);
    aperture.machines().create(new MachineSpec("m", "flat-2.0", 16 << 20, Optional.empty()));
    String endpoint =
        aperture
            .devices()
            .add(
                new DeviceSpec(
                    "m",
                    type.name(),
                    Optional.of("dev"),
                    Setting.UNSET,
                    Setting.UNSET,
                    false,
                    Map.of()))
            .endpoint();
    DriverDma driver = aperture.platformDma().driver("m", endpoint, AddressSpace.BUS).orElseThrow();
    DeviceDma device = aperture.platformDma().device("m", endpoint).orElseThrow();
    device.select(AddressSpace.BUS);
    return new Running(driver, device, device.openSession());
  }

  private static void awaitCollected(WeakReference<?> gone) {
    Awaitility.await("the class loader to be collected")
        .atMost(Worker.LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          System.gc();
          return gone.refersTo(null);
        });
  }

  /** Swaps the bundle's behaviour for another and keeps only a weak reference to its loader. */
  private static WeakReference<ClassLoader> swapAway(Aperture aperture, boolean gap)
      throws Exception {
    IommuBehavior old = fromABundle();
    aperture.behavior(old);
    Running running = start(aperture, new NoQueues());
    running.use();
    if (gap) {
      aperture.removeBehavior(old);
      aperture.behavior(new FlatBehavior());
    } else {
      aperture.behavior(new FlatBehavior(), 1);
      aperture.removeBehavior(old);
    }
    running.use();
    assertThat(aperture.dma().faults()).hasSize(2);
    return new WeakReference<>(old.getClass().getClassLoader());
  }

  @Test
  void afterASeamlessSwapTheOldClassesAreGone() throws Exception {
    try (Aperture aperture = Aperture.standalone()) {
      awaitCollected(swapAway(aperture, false));
      assertThat(aperture.swaps().swaps()).hasSize(1);
    }
  }

  @Test
  void afterASwapWithAGapTheOldClassesAreGone() throws Exception {
    try (Aperture aperture = Aperture.standalone()) {
      awaitCollected(swapAway(aperture, true));
      assertThat(aperture.swaps().swaps()).hasSize(1);
    }
  }

  /** A worker that began a batch with the old walker and never begins another. */
  private static WeakReference<ClassLoader> leaveWaiting(Aperture aperture) throws Exception {
    IommuBehavior old = fromABundle();
    aperture.behavior(old);
    start(aperture, new NoQueues()).use();
    aperture.removeBehavior(old);
    return new WeakReference<>(old.getClass().getClassLoader());
  }

  @Test
  void whileAMachineWaitsForASuccessorTheOldClassesAreGoneToo() throws Exception {
    try (Aperture aperture = Aperture.standalone()) {
      awaitCollected(leaveWaiting(aperture));
      assertThat(aperture.machines().show("m").iommuState()).isEqualTo("revoked");
      aperture.behavior(new FlatBehavior());
    }
  }
}
