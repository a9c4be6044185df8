package aperture.guest.fake;

import aperture.access.AddressSpace;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.UserDma;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.virtio.GuestPlatform;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine with one device: memory, a translating bus, and the plain physical view. */
public final class FakePlatform implements GuestPlatform, AutoCloseable {

  static final int MEMORY = 64 << 20;

  final GuestMemory memory;
  private final FakePages pages;
  private final FakeDma bus;
  private final FakeDma physical;
  private final Map<String, String> options = new HashMap<>();
  private boolean iommu = true;
  private boolean taken;

  public FakePlatform() throws IOException {
    memory = GuestMemory.allocate(List.of(new MemoryRange(0, MEMORY)));
    pages = new FakePages(MEMORY);
    bus = new FakeDma(memory, pages, AddressSpace.BUS);
    physical = new FakeDma(memory, pages, AddressSpace.PHYSICAL);
  }

  /** There is no IOMMU. */
  public FakePlatform withoutIommu() {
    iommu = false;
    bus.translating(false);
    return this;
  }

  /** The IOMMU leaves the kernel's addresses as they are. */
  public FakePlatform identity() {
    bus.translating(false);
    return this;
  }

  /** Gives the driver an option. */
  public FakePlatform option(String name, String value) {
    options.put(name, value);
    return this;
  }

  /** Whether a program has the device. */
  public boolean taken() {
    return taken;
  }

  @Override
  public Map<String, String> options() {
    return Map.copyOf(options);
  }

  @Override
  public Optional<UserDma> takeForUser() throws DmaException {
    if (!iommu) {
      return Optional.empty();
    }
    if (bus.mapped() > 0) {
      throw new DmaException("the kernel has mappings left");
    }
    bus.translating(true);
    taken = true;
    return Optional.of(bus);
  }

  @Override
  public String deviceName() {
    return "d0";
  }

  @Override
  public DriverDma dmaApi() {
    return bus;
  }

  @Override
  public DriverDma physical() {
    return physical;
  }

  /** The bus, with its knobs. */
  public FakeDma bus() {
    return bus;
  }

  /** The physical view, with its knobs. */
  public FakeDma direct() {
    return physical;
  }

  /** What is in guest memory. */
  public byte[] read(long gpa, int length) {
    byte[] bytes = new byte[length];
    memory.read(gpa, bytes, 0, length);
    return bytes;
  }

  /** Writes guest memory. */
  public void write(long gpa, byte[] bytes) {
    memory.write(gpa, bytes, 0, bytes.length);
  }

  /** Bytes that drivers hold. */
  public long bytesInUse() {
    return pages.bytesInUse();
  }

  @Override
  public boolean describesIommu() {
    return iommu;
  }

  @Override
  public void close() {
    memory.close();
  }
}
