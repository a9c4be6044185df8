package aperture.virtqueue;

import aperture.dma.DmaFault;
import java.util.Optional;

/**
 * Why a queue is broken: something the other side did. The device is set NEEDS_RESET; everything
 * else goes on.
 *
 * @param kind what is malformed
 * @param head index of the chain's head, -1 when it concerns no chain
 * @param descriptor index of the descriptor, -1 when none
 * @param address the address concerned, 0 when none
 * @param detail the offending value, for people
 * @param dma the translation fault, when that is the cause
 */
public record QueueFault(
    Kind kind, int head, int descriptor, long address, String detail, Optional<DmaFault> dma) {

  /** What is malformed. */
  public enum Kind {
    /** The available index moved by more than the queue size. */
    AVAILABLE_INDEX("available index out of range"),
    HEAD_INDEX("head index out of range"),
    NEXT_INDEX("next index out of range"),
    CHAIN_TOO_LONG("chain is longer than the queue, or loops"),
    TOO_MANY_ELEMENTS("chain has more elements than the limit"),
    INDIRECT_NOT_NEGOTIATED("indirect descriptor without the feature"),
    INDIRECT_LENGTH("length of the indirect table"),
    INDIRECT_NESTED("indirect descriptor inside an indirect table"),
    INDIRECT_AND_NEXT("descriptor is both indirect and linked"),
    READABLE_AFTER_WRITABLE("readable element after a writable one"),
    ZERO_LENGTH("element of length zero"),
    TOTAL_LENGTH("chain is longer than 2^32 - 1 bytes"),
    TRANSLATION("an address does not translate"),
    RING_TRANSLATION("a ring's address does not translate"),
    /** Found by the device: the chain does not carry a well-formed request. */
    MALFORMED_REQUEST("malformed request"),
    /** Found by the driver half: the device used what was not in flight. */
    USED_NOT_IN_FLIGHT("used element that is not in flight"),
    USED_LENGTH("used length exceeds the writable part"),
    USED_INDEX("used index out of range"),
    /** The host failed underneath, for example the mapping went away. */
    HOST("host failure");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  public static QueueFault of(Kind kind, int head, int descriptor, String detail) {
    return new QueueFault(kind, head, descriptor, 0, detail, Optional.empty());
  }

  public static QueueFault of(Kind kind, int head, int descriptor, DmaFault dma) {
    return new QueueFault(
        kind, head, descriptor, dma.cause().iova(), dma.describe(), Optional.of(dma));
  }

  public String describe() {
    StringBuilder line = new StringBuilder(kind.text());
    if (head >= 0) {
      line.append("; head ").append(head);
    }
    if (descriptor >= 0) {
      line.append("; descriptor ").append(descriptor);
    }
    return line.append("; ").append(detail).toString();
  }
}
