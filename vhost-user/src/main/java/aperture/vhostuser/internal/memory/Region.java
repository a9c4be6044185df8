package aperture.vhostuser.internal.memory;

import aperture.memory.MemoryRange;
import aperture.vhostuser.internal.sys.Fd;

/**
 * A region of guest memory.
 *
 * @param gpa guest-physical address
 * @param size bytes
 * @param userAddress where the front end has it in its own address space
 * @param mmapOffset where it begins in the file
 * @param file closed with the region, by the table that holds it
 */
public record Region(long gpa, long size, long userAddress, long mmapOffset, Fd file) {

  MemoryRange guest() {
    return new MemoryRange(gpa, size);
  }

  MemoryRange user() {
    return new MemoryRange(userAddress, size);
  }

  /** Whether a request to remove a region means this one. */
  boolean is(long otherGpa, long otherSize, long otherUserAddress) {
    return gpa == otherGpa && size == otherSize && userAddress == otherUserAddress;
  }

  @Override
  public String toString() {
    return "region gpa=0x%x size=0x%x user=0x%x offset=0x%x"
        .formatted(gpa, size, userAddress, mmapOffset);
  }
}
