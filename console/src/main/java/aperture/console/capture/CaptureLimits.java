package aperture.console.capture;

/**
 * The most that a capture may hold, so that reading one takes bounded memory: at worst the pages
 * (64 MiB), the entries and the answers (about 50 MiB each).
 */
final class CaptureLimits {

  static final long STATE_BYTES = 64L << 20;
  static final int PAGES = 1 << 14;
  static final int ENTRIES = 1 << 19;
  static final int ANSWERS = 1 << 19;
  static final int LINE_BYTES = 4096;
  static final int REGISTERS = 4096;
  static final int ENDPOINTS = 1 << 16;
  static final int TABLES = 4096;
  static final int RANGES = 4096;
  static final int FIELDS = 64;
  static final int WORD = 4096;
  static final int DEPTH = 32;

  private CaptureLimits() {}
}
