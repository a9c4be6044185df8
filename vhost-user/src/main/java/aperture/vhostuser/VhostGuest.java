package aperture.vhostuser;

import aperture.memory.MemoryRange;
import java.io.IOException;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A look at the guest of a server's present connection: its memory as of when it was opened, and
 * what the front end says about addresses. Changes nothing; whoever opened it closes it.
 *
 * <p>Threading: confined to one thread.
 */
@ProviderType
public interface VhostGuest extends AutoCloseable {

  /** The ranges of guest memory that the front end shares, ascending. */
  List<MemoryRange> memory();

  /**
   * Reads bytes of guest memory as they are now.
   *
   * @param gpa guest-physical address of the first byte
   * @param target filled
   * @return false when not all of it is in {@link #memory}; {@code target} is as it was then
   * @throws IOException when the front end has taken the memory away
   */
  boolean read(long gpa, byte[] target) throws IOException;

  /**
   * The translations that the front end has given and not ended, by address. A front end that stops
   * its guest stops the rings first and says nothing afterwards: those that were there when the
   * rings stopped are told then, if they stopped after this was opened.
   */
  List<VhostTranslation> translations();

  @Override
  void close();
}
