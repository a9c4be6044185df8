package aperture.virtio;

/**
 * I/O to run.
 *
 * @param pattern what to do
 * @param requests how many; 0 means until stopped (a scan ends by itself)
 * @param blockBytes bytes of each request, a multiple of 512
 * @param depth requests kept in flight for each queue, at least 1
 * @param seed of the random choices
 */
public record IoPlan(Pattern pattern, long requests, int blockBytes, int depth, long seed) {

  /** What to do. */
  public enum Pattern {
    /** Read everything once, in order, and digest it. */
    SCAN,
    /** Read at random; each block must read the same every time. */
    READ,
    /** Overwrite at random and read back what was written last. Destroys the content. */
    VERIFY,
    /** Read everything, and write every block back as it was read. */
    REWRITE
  }
}
