package aperture.vhostuser.internal.wire;

/** When a message is answered. */
public enum ReplyRule {
  /** Only when the sender asks for it and REPLY_ACK is agreed: one number, 0 for success. */
  IF_ASKED("if asked"),
  /** Always, by a body of its own, and never by an acknowledgement as well. */
  BODY("always"),
  /** Once LOG_SHMFD is agreed the sender waits without asking; otherwise if asked. */
  LOG("always with LOG_SHMFD");

  private final String words;

  ReplyRule(String words) {
    this.words = words;
  }

  /** For the protocol page. */
  public String words() {
    return words;
  }

  /**
   * Whether the sender waits for a number that tells success.
   *
   * @param asked whether the message carries the need-reply flag
   * @param agreed protocol features agreed upon
   */
  public boolean acknowledged(boolean asked, ProtocolFeatures agreed) {
    return switch (this) {
      case BODY -> false;
      case IF_ASKED -> asked && agreed.has(ProtocolFeature.REPLY_ACK);
      case LOG -> agreed.has(ProtocolFeature.LOG_SHMFD) || IF_ASKED.acknowledged(asked, agreed);
    };
  }
}
