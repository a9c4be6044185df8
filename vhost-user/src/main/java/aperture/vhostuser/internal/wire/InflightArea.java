package aperture.vhostuser.internal.wire;

import java.nio.ByteBuffer;

/**
 * Where requests in flight are recorded.
 *
 * @param mapSize bytes in the file, 0 in a question
 * @param mapOffset where they begin
 * @param queues how many queues
 * @param queueSize the configured size of each
 * @param padded whether the structure has its padding on the wire; an answer has it as the question
 */
public record InflightArea(
    long mapSize, long mapOffset, int queues, int queueSize, boolean padded) {

  public static InflightArea decode(ByteBuffer payload) {
    return new InflightArea(
        payload.getLong(InflightLayout.SIZE),
        payload.getLong(InflightLayout.OFFSET),
        Short.toUnsignedInt(payload.getShort(InflightLayout.QUEUES)),
        Short.toUnsignedInt(payload.getShort(InflightLayout.QUEUE_SIZE)),
        payload.capacity() == InflightLayout.LENGTH);
  }

  /** The answer to this question. */
  public InflightArea answer(long size, long offset) {
    return new InflightArea(size, offset, queues, queueSize, padded);
  }

  public byte[] encode() {
    return Bytes.allocate(padded ? InflightLayout.LENGTH : InflightLayout.PACKED_LENGTH)
        .putLong(InflightLayout.SIZE, mapSize)
        .putLong(InflightLayout.OFFSET, mapOffset)
        .putShort(InflightLayout.QUEUES, (short) queues)
        .putShort(InflightLayout.QUEUE_SIZE, (short) queueSize)
        .array();
  }
}
