package aperture.block;

import aperture.virtio.DeviceConfigurationException;
import aperture.virtqueue.ChainReader;
import aperture.virtqueue.ChainWriter;
import java.io.IOException;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The bytes of one disk, by position. Thread-safe: every queue of a device calls it from its own
 * thread, at the same time; what overlapping requests leave behind is their driver's affair, but
 * others are not disturbed.
 *
 * <p>A device asks only for ranges inside {@link #capacity()}, and holds requests back while the
 * store shrinks. A failure is an {@link IOException}: the request fails, its driver is told, and
 * the device goes on. Requests are the hot path: nothing should be allocated for one.
 */
@ConsumerType
public interface BlockStore extends AutoCloseable {

  /** Bytes by now. */
  long capacity();

  /** Whether it refuses to be written. */
  boolean readOnly();

  /** What it is, for messages, for example {@code file disk.img}. */
  String describe();

  /**
   * Reads {@code length} bytes at {@code position} into guest memory.
   *
   * @param target takes them from where it stands; it has room for all
   * @return bytes read, fewer than {@code length} only when the store ends before
   */
  long read(ChainWriter target, long position, long length) throws IOException;

  /**
   * Writes {@code length} bytes at {@code position} from guest memory. They need not be durable
   * before a {@link #flush}.
   *
   * @param source has them from where it stands on
   */
  void write(ChainReader source, long position, long length) throws IOException;

  /** Makes every write that has returned durable, as far as the store is. */
  void flush() throws IOException;

  /** Makes a range read as zeroes. */
  void writeZeroes(long position, long length) throws IOException;

  /** A range is no longer needed: afterwards it reads as zeroes, or as before. */
  default void discard(long position, long length) throws IOException {
    writeZeroes(position, length);
  }

  /**
   * Who is told each time that {@link #capacity()} has changed: on any thread, and from within
   * {@link #refresh} and {@link #resize}. A store that never changes has nobody to tell.
   */
  default void onResize(Runnable listener) {}

  /** Looks whether somebody else changed the size. */
  default void refresh() throws IOException {}

  /**
   * Changes the size; what is new reads as zeroes.
   *
   * @param bytes the size wanted, at least 1; no request beyond it is running
   * @throws DeviceConfigurationException when the store cannot have this size
   * @throws IOException when the host fails
   */
  default void resize(long bytes) throws DeviceConfigurationException, IOException {
    throw new DeviceConfigurationException("%s cannot be given another size".formatted(describe()));
  }

  /** Facts for people, by name. */
  default Map<String, String> details() {
    return Map.of();
  }

  /** Frees what the store holds; a second time does nothing. */
  @Override
  void close();
}
