package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.FSTS;
import static aperture.arch.x86.vtd.VtdRegisters.IQA;
import static aperture.arch.x86.vtd.VtdRegisters.IQH;
import static aperture.arch.x86.vtd.VtdRegisters.IQT;

import aperture.iommu.IommuInvalidator;
import aperture.memory.GuestMemory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * The operating system's end of the invalidation queue: writes descriptors, ends each batch with a
 * wait, and knows from the wait's status word that all is done.
 *
 * <pre>
 *   IQA          one page: 256 descriptors
 *   IQA + 4096   status word of the wait, then nothing
 * </pre>
 *
 * <p>Everything is found again from the registers. Used under the lock of the machine's IOMMU.
 */
final class VtdInvalidationQueue {

  /** What the queue takes from the page allocator: descriptors and the status page. */
  static final long BYTES = 2L * SecondLevelLayout.PAGE_SIZE;

  private static final Logger LOG = System.getLogger(VtdInvalidationQueue.class.getName());

  private static final long STATUS_OFFSET = SecondLevelLayout.PAGE_SIZE;
  private static final int STATUS_WAITING = 1;
  private static final int STATUS_DONE = 2;

  /** Pieces of one range after which it is cheaper to drop the whole domain. */
  private static final int MAX_PIECES = 64;

  private final VtdRegisterFile registers;
  private final GuestMemory memory;
  private final IommuInvalidator invalidator;

  VtdInvalidationQueue(
      VtdRegisterFile registers, GuestMemory memory, IommuInvalidator invalidator) {
    this.registers = registers;
    this.memory = memory;
    this.invalidator = invalidator;
  }

  void contextGlobal() {
    submit(DescriptorLayout.contextLow(DescriptorLayout.GLOBAL, 0, 0));
  }

  void contextDevice(int domain, int sourceId) {
    submit(DescriptorLayout.contextLow(DescriptorLayout.EXACT, domain, sourceId));
  }

  void pasidCacheGlobal() {
    submit(DescriptorLayout.pasidCacheLow(DescriptorLayout.PASID_CACHE_GLOBAL, 0));
  }

  void pasidCacheDomain(int domain) {
    submit(DescriptorLayout.pasidCacheLow(DescriptorLayout.PASID_CACHE_DOMAIN, domain));
  }

  void iotlbGlobal() {
    submit(DescriptorLayout.iotlbLow(DescriptorLayout.GLOBAL, 0));
  }

  void iotlbDomain(int domain) {
    submit(DescriptorLayout.iotlbLow(DescriptorLayout.DOMAIN, domain));
  }

  /**
   * Invalidates exactly a range: each descriptor takes the largest naturally aligned power of two
   * that still fits.
   *
   * @param maximumMask log2 of the most pages that one descriptor may name
   */
  void iotlbPages(int domain, long iova, long pages, int maximumMask) {
    long low = DescriptorLayout.iotlbLow(DescriptorLayout.EXACT, domain);
    long tail = registers.read(IQT);
    long left = pages;
    long page = iova >>> SecondLevelLayout.PAGE_SHIFT;
    for (int piece = 0; left > 0; piece++) {
      if (piece == MAX_PIECES) {
        iotlbDomain(domain);
        return;
      }
      int mask = Math.min(Long.numberOfTrailingZeros(page), 63 - Long.numberOfLeadingZeros(left));
      mask = Math.min(mask, maximumMask);
      long high = DescriptorLayout.iotlbHigh(page << SecondLevelLayout.PAGE_SHIFT, mask);
      tail = put(tail, low, high);
      page += 1L << mask;
      left -= 1L << mask;
    }
    finish(tail);
  }

  private void submit(long low) {
    finish(put(registers.read(IQT), low, 0));
  }

  /** Writes a descriptor at a tail that the hardware does not know yet; returns the next tail. */
  private long put(long tail, long low, long high) {
    long iqa = registers.read(IQA);
    long at = memory.offsetOf((iqa & QueueLayout.ADDRESS) + tail, DescriptorLayout.SIZE);
    if (at >= 0) {
      memory.putLe64(at, low);
      memory.putLe64(at + DescriptorLayout.HIGH, high);
    }
    return tail + DescriptorLayout.SIZE & QueueLayout.bytes(iqa) - 1;
  }

  /** Adds the wait, hands the batch over, and makes sure that it was carried out. */
  private void finish(long tail) {
    long status = (registers.read(IQA) & QueueLayout.ADDRESS) + STATUS_OFFSET;
    long at = memory.offsetOf(status, Integer.BYTES);
    if (at >= 0) {
      memory.putLe32(at, STATUS_WAITING);
      registers.write(IQT, put(tail, DescriptorLayout.waitLow(STATUS_DONE), status));
      if (memory.getLe32(at) == STATUS_DONE) {
        return;
      }
    }
    recover();
  }

  /**
   * The hardware stopped in the batch, which only a damaged queue can cause. The descriptors left
   * become waits, which hardware accepts, so that the queue runs on; what they would have
   * invalidated is not known any more, so everything is.
   */
  private void recover() {
    LOG.log(Level.WARNING, "invalidation queue stopped: everything is invalidated instead");
    long head = registers.read(IQH);
    long tail = registers.read(IQT);
    long status = (registers.read(IQA) & QueueLayout.ADDRESS) + STATUS_OFFSET;
    while (head != tail) {
      head = put(head, DescriptorLayout.waitLow(STATUS_DONE), status);
    }
    registers.write(FSTS, FaultStatusLayout.QUEUE_ERROR);
    registers.write(IQT, tail);
    invalidator.invalidateAll();
  }
}
