package aperture.console.thread;

import aperture.admin.ControlException;

/** Puts another supplier in the place of an IOMMU kind's, for a while. */
@FunctionalInterface
public interface Relief {

  /** Until this is closed, the other supplier has the place. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  Turn replace(String kind) throws ControlException;
}
