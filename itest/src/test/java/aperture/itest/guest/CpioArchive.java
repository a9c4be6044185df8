package aperture.itest.guest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An archive of the kind that the kernel unpacks at boot ("newc"): per entry a header of
 * hexadecimal fields, a name and the content, the last two each filled up to four bytes.
 */
final class CpioArchive {

  private static final int DIRECTORY = 0040755;
  private static final int EXECUTABLE = 0100755;
  private static final int CHARACTER_DEVICE = 0020600;
  private static final int ALIGNMENT = 4;
  private static final String MAGIC = "070701";
  private static final String END = "TRAILER!!!";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int entries;

  void directory(String name) {
    entry(name, DIRECTORY, new byte[0], 0, 0);
  }

  void executable(String name, byte[] content) {
    entry(name, EXECUTABLE, content, 0, 0);
  }

  /** A device node, which no file system here needs to allow. */
  void device(String name, int major, int minor) {
    entry(name, CHARACTER_DEVICE, new byte[0], major, minor);
  }

  byte[] finish() {
    entry(END, 0, new byte[0], 0, 0);
    return out.toByteArray();
  }

  private void entry(String name, int mode, byte[] content, int major, int minor) {
    byte[] path = (name + "\0").getBytes(StandardCharsets.US_ASCII);
    ascii(MAGIC);
    field(++entries); // inode: any, but one for each entry
    field(mode);
    field(0); // owner
    field(0); // group
    field(1); // links
    field(0); // time of change: none, so that archives are alike
    field(content.length);
    field(0); // device of the file itself
    field(0);
    field(major);
    field(minor);
    field(path.length);
    field(0); // checksum: not in this kind
    out.writeBytes(path);
    align();
    out.writeBytes(content);
    align();
  }

  private void field(int value) {
    ascii(String.format(Locale.ROOT, "%08x", value));
  }

  private void ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void align() {
    while (out.size() % ALIGNMENT != 0) {
      out.write(0);
    }
  }
}
