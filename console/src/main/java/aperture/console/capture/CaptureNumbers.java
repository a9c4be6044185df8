package aperture.console.capture;

/** 64-bit unsigned numbers as the format writes them. */
final class CaptureNumbers {

  private CaptureNumbers() {}

  /**
   * Reads {@code 0x} and hexadecimal digits, or decimal digits.
   *
   * @throws NumberFormatException when it is neither, or has more than 64 bits
   */
  static long parse(String text) {
    boolean hex = text.startsWith("0x") || text.startsWith("0X");
    String digits = hex ? text.substring(2) : text;
    if (digits.isEmpty() || Character.digit(digits.charAt(0), 16) < 0) {
      throw new NumberFormatException("no digits"); // a sign is no digit
    }
    return Long.parseUnsignedLong(digits, hex ? 16 : 10);
  }

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
