package aperture.machine;

/** Whether plain virtio devices of a machine type expose the legacy register interface. */
public enum LegacyInterface {
  /** Legacy and modern registers. */
  TRANSITIONAL,
  /** Modern registers only. */
  MODERN,
  /** Legacy registers only: no feature bit from 32 on can be carried. */
  LEGACY
}
