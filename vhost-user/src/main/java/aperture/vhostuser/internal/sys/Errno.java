package aperture.vhostuser.internal.sys;

/** Error numbers that decide what happens next; the same on all hosts of {@link Platform}. */
final class Errno {

  static final int EPERM = 1;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EINVAL = 22;
  static final int ENFILE = 23;
  static final int EMFILE = 24;
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int EADDRINUSE = 98;
  static final int ECONNABORTED = 103;
  static final int ECONNRESET = 104;
  static final int ECONNREFUSED = 111;

  private Errno() {}
}
