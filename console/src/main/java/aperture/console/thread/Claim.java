package aperture.console.thread;

/**
 * What somebody says happens.
 *
 * @param who whose claim it is
 * @param outcome what happens, in our words
 */
public record Claim(String who, String outcome) {

  static Claim by(Author who, String outcome) {
    return new Claim(who.fullName(), outcome);
  }
}
