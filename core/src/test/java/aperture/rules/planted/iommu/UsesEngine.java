package aperture.rules.planted.iommu;

import aperture.rules.planted.core.internal.Engine;

/** Looks behind the door. */
final class UsesEngine {
  Class<?> offence() {
    return Engine.class;
  }
}
