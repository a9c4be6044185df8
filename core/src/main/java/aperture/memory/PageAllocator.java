package aperture.memory;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Hands out the pages of a machine's guest memory: to the guest kernel's table driver for its
 * tables, to drivers for rings and buffers.
 *
 * <p>Pages are zeroed when handed out. Thread-safe.
 */
@ProviderType
public interface PageAllocator {

  /** What {@link #allocate} returns when the memory is used up. */
  long NO_MEMORY = -1;

  /** Size of the smallest unit handed out, in bytes; a power of two. */
  int PAGE_SIZE = 4096;

  /**
   * Takes contiguous guest-physical memory.
   *
   * @param bytes how much, rounded up to whole pages; at least 1
   * @param alignment a power of two, at least {@link #PAGE_SIZE}
   * @return guest-physical address, or {@link #NO_MEMORY}
   */
  long allocate(long bytes, long alignment);

  /**
   * Gives memory back. A table driver, which finds its tables by pointers in guest memory, may be
   * led astray: what it was not handed, or gave back before, then stays as it is.
   *
   * @param gpa what {@link #allocate} returned
   * @param bytes what was asked for
   */
  void free(long gpa, long bytes);
}
