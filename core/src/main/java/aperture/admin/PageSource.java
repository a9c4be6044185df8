package aperture.admin;

import org.osgi.annotation.versioning.ConsumerType;

/** Guest memory of a machine that runs elsewhere, page by page. */
@ConsumerType
@FunctionalInterface
public interface PageSource {

  /**
   * Reads a page.
   *
   * @param gpa its guest-physical address
   * @param page filled with its bytes, in guest memory order
   * @return whether there is such a page; otherwise {@code page} is as it was
   */
  boolean read(long gpa, byte[] page) throws ControlException;
}
