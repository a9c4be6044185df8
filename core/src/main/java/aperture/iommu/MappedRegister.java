package aperture.iommu;

/**
 * Where a guest's processor reads one of an IOMMU's registers.
 *
 * @param name its name in {@link Registers} and in captures
 * @param gpa guest-physical address of its first byte
 * @param bytes its width: 4 or 8, in the guest's byte order
 */
public record MappedRegister(String name, long gpa, int bytes) {

  public MappedRegister {
    if (bytes != Integer.BYTES && bytes != Long.BYTES) {
      throw new IllegalArgumentException("register %s of %d bytes".formatted(name, bytes));
    }
  }
}
