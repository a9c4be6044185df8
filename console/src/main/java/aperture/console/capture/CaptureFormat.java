package aperture.console.capture;

/** Words of the format. */
final class CaptureFormat {

  static final String VERSION = "iommu-capture/1";

  static final String STATE_FILE = "capture.json";
  static final String PAGES_FILE = "pages.bin";
  static final String ANSWERS_FILE = "truth.jsonl";

  static final int PAGE_SIZE = 4096;

  /** The one attribute of an endpoint that is written as an array. */
  static final String WINDOWS = "windows";

  private CaptureFormat() {}
}
