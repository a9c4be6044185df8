package aperture.vhostuser.internal.wire;

/**
 * One message about translations, offsets in bytes, little-endian.
 *
 * <pre>
 *    0  I/O virtual address (64)
 *    8  size (64)
 *   16  front end's address (64)
 *   24  permission (8)   25  type (8)   26  pad
 * </pre>
 */
final class IotlbLayout {

  static final int IOVA = 0;
  static final int SIZE = 8;
  static final int USER = 16;
  static final int PERMISSION = 24;
  static final int TYPE = 25;
  static final int LENGTH = 32;

  static final int READ = 1;
  static final int WRITE = 2;

  private IotlbLayout() {}
}
