package aperture.rules.planted.memory;

/** Stands for guest memory. */
public final class Memory {
  /** Stands for an access. */
  public byte load() {
    return 0;
  }
}
