package aperture.devices.store;

import aperture.block.BlockStore;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtqueue.ChainReader;
import aperture.virtqueue.ChainWriter;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A raw image. Bytes move straight between the file and guest memory. */
final class FileStore implements BlockStore {

  private final OpenImages.Hold hold;
  private final ImageFile image;
  private final Erasers erasers = new Erasers();
  private @Nullable Runnable listener;

  FileStore(OpenImages.Hold hold) {
    this.hold = hold;
    this.image = hold.image();
  }

  @Override
  public long capacity() {
    return image.size();
  }

  @Override
  public boolean readOnly() {
    return image.readOnly();
  }

  @Override
  public String describe() {
    return "file " + image.path();
  }

  @Override
  public long read(ChainWriter target, long position, long length) throws IOException {
    return image.read(target, position, length);
  }

  @Override
  public void write(ChainReader source, long position, long length) throws IOException {
    requireWritable();
    image.write(source, position, length);
  }

  @Override
  public void flush() throws IOException {
    if (!image.readOnly()) {
      image.flush();
    }
  }

  /** The JDK cannot give blocks of a file back to the host, so discarding is no more than this. */
  @Override
  public void writeZeroes(long position, long length) throws IOException {
    requireWritable();
    erasers.zero(image, position, length);
  }

  private void requireWritable() throws IOException {
    if (image.readOnly()) {
      throw new IOException(describe() + " is open for reading only");
    }
  }

  @Override
  public synchronized void onResize(Runnable newListener) {
    forget();
    listener = newListener;
    image.listen(newListener);
  }

  /** Readers share an image, which outlives the store. */
  private void forget() {
    Runnable old = listener;
    if (old != null) {
      image.forget(old);
    }
  }

  @Override
  public void refresh() throws IOException {
    image.refresh();
  }

  @Override
  public void resize(long bytes) throws DeviceConfigurationException, IOException {
    if (image.readOnly()) {
      throw new DeviceConfigurationException(
          "%s is open for reading only: its size stays".formatted(describe()));
    }
    image.resize(bytes);
  }

  @Override
  public Map<String, String> details() {
    return Map.of("file", image.path().toString());
  }

  @Override
  public synchronized void close() {
    forget();
    hold.close();
  }
}
