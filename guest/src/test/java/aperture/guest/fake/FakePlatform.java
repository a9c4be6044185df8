package aperture.guest.fake;

import aperture.access.AddressSpace;
import aperture.dma.DriverDma;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.virtio.GuestPlatform;
import java.io.IOException;
import java.util.List;

/** A machine with one device: memory, a translating bus, and the plain physical view. */
public final class FakePlatform implements GuestPlatform, AutoCloseable {

  static final int MEMORY = 64 << 20;

  final GuestMemory memory;
  private final FakePages pages;
  private final FakeDma bus;
  private final FakeDma physical;

  public FakePlatform() throws IOException {
    memory = GuestMemory.allocate(List.of(new MemoryRange(0, MEMORY)));
    pages = new FakePages(MEMORY);
    bus = new FakeDma(memory, pages, AddressSpace.BUS);
    physical = new FakeDma(memory, pages, AddressSpace.PHYSICAL);
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

  /** Bytes that drivers hold. */
  public long bytesInUse() {
    return pages.bytesInUse();
  }

  @Override
  public boolean describesIommu() {
    return true;
  }

  @Override
  public void close() {
    memory.close();
  }
}
