package aperture.vhostuser.internal.wire;

import java.nio.ByteBuffer;

/**
 * A number of one queue: its size, its position, whether it is enabled.
 *
 * @param index which queue; any 32-bit number
 * @param number what the message is about
 */
public record VringState(int index, int number) {

  public static VringState decode(ByteBuffer payload) {
    return new VringState(
        payload.getInt(VringLayout.INDEX), payload.getInt(VringLayout.STATE_NUMBER));
  }

  public byte[] encode() {
    return Bytes.allocate(VringLayout.STATE_LENGTH)
        .putInt(VringLayout.INDEX, index)
        .putInt(VringLayout.STATE_NUMBER, number)
        .array();
  }
}
