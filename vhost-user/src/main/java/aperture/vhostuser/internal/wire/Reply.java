package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.sys.Fd;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * An answer. Closing it closes its descriptors.
 *
 * @param payload little-endian
 * @param fds what came along
 */
public record Reply(ByteBuffer payload, List<Fd> fds) implements AutoCloseable {

  /** The payload of an answer that consists of a number; 0 is success in an acknowledgement. */
  public long number() {
    return payload.getLong(0);
  }

  @Override
  public void close() {
    fds.forEach(Fd::close);
  }
}
