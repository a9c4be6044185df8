package aperture.itest.lab;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceControl;
import aperture.admin.DeviceSpec;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.MachineControl;
import aperture.admin.MachineInfo;
import aperture.admin.MachineSpec;
import aperture.admin.SwapControl;
import aperture.dma.PlatformDma;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;

/**
 * Machines with disks in the running framework; all are gone when it is closed, and every
 * architecture is back, so that a test that fails takes no other with it.
 */
public final class Lab implements AutoCloseable {

  private static final long MEMORY = 32L << 20;
  private static final int IMAGE_BYTES = 4 << 20;

  private final BundleContext context;
  private final Path folder;
  private final Duration grace;
  private final Duration quiesce;

  public Lab(BundleContext context) throws Exception {
    this.context = context;
    this.folder = Files.createTempDirectory("aperture-lab");
    this.grace = swaps().gracePeriod();
    this.quiesce = swaps().quiesceDeadline();
  }

  public Path folder() {
    return folder;
  }

  public Bundles bundles() {
    return new Bundles(context, this);
  }

  public MachineControl machines() {
    return service(MachineControl.class);
  }

  public DeviceControl devices() {
    return service(DeviceControl.class);
  }

  public DriverControl drivers() {
    return service(DriverControl.class);
  }

  public DmaControl dma() {
    return service(DmaControl.class);
  }

  public SwapControl swaps() {
    return service(SwapControl.class);
  }

  public PlatformDma dmaFaces() {
    return service(PlatformDma.class);
  }

  private <S> S service(Class<S> type) {
    ServiceReference<S> reference = context.getServiceReference(type);
    if (reference == null) {
      throw new AssertionError("nobody provides " + type.getName());
    }
    return context.getService(reference);
  }

  /** A machine of the architecture with a disk that a driver has bound. */
  public Disk disk(String name, Arch arch) throws Exception {
    return disk(name, arch.type(machines().types()), arch.kind());
  }

  /** A machine with a disk of random content, the bit offered, and driver K2 bound. */
  public Disk disk(String name, String type, String kind) throws Exception {
    machines().create(new MachineSpec(name, type, MEMORY, Optional.of(kind)));
    byte[] content = new byte[IMAGE_BYTES];
    new SplittableRandom(name.hashCode()).nextBytes(content);
    Path image = Files.write(folder.resolve(name + ".img"), content);
    String device = name + "-disk";
    devices()
        .add(
            new DeviceSpec(
                name,
                "blk",
                Optional.of(device),
                Setting.ON,
                Setting.UNSET,
                false,
                Map.of("file", image.toString())));
    Disk disk = new Disk(this, name, device, kind, image);
    disk.bind();
    return disk;
  }

  @Override
  public void close() throws IOException, ControlException, BundleException {
    for (MachineInfo machine : machines().list()) {
      machines().destroy(machine.name());
    }
    for (Arch arch : Arch.values()) {
      bundles().restore(arch.bundle());
    }
    swaps().gracePeriod(grace);
    swaps().quiesceDeadline(quiesce);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
