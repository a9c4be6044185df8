package aperture.devices.blk;

import aperture.devices.Requests;
import aperture.devices.Requests.Request;
import aperture.devices.Settings;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A block device on a random image, and a driver that asks it one batch at a time. */
final class BlkFixture implements AutoCloseable {

  static final int SECTOR = 512;
  static final int SECTORS = 2048;

  final Path file;
  final byte[] image;
  final VirtioDevice device;
  final Requests requests;

  BlkFixture(Path folder, long seed, String... options)
      throws IOException, DeviceConfigurationException {
    file = folder.resolve("disk.img");
    image = new byte[SECTORS * SECTOR];
    new SplittableRandom(1).nextBytes(image);
    Files.write(file, image);
    List<String> all = new ArrayList<>(List.of("file", file.toString()));
    all.addAll(Arrays.asList(options));
    device = new BlkDeviceType().create(Settings.of(all.toArray(String[]::new)));
    requests = new Requests(16, seed);
    accept(device.features());
  }

  /** Resets and negotiates. */
  void accept(FeatureSet features) {
    device.reset();
    device.checkFeatures(features);
    device.activate(features);
  }

  /** Adds a request to the next batch. */
  Request add(int type, long sector, byte[] data, int writable) {
    ByteBuffer readable = ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    readable.putInt(type).putInt(0).putLong(sector).put(data);
    return requests.add(readable.array(), writable);
  }

  void process() {
    device.process(0, requests.batch());
    requests.clear();
  }

  /** One request, served. */
  Request serve(int type, long sector, byte[] data, int writable) {
    Request request = add(type, sector, data, writable);
    process();
    return request;
  }

  Request read(long sector, int bytes) {
    return serve(BlkRequestLayout.TYPE_IN, sector, new byte[0], bytes + 1);
  }

  Request write(long sector, byte[] data) {
    return serve(BlkRequestLayout.TYPE_OUT, sector, data, 1);
  }

  /** A segment of discard or write-zeroes. */
  static byte[] segment(long sector, int sectors, int flags) {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(sector)
        .putInt(sectors)
        .putInt(flags)
        .array();
  }

  long count(String name) {
    return Long.parseLong(device.details().get(name));
  }

  byte[] content() throws IOException {
    return Files.readAllBytes(file);
  }

  byte[] piece(long sector, int bytes) {
    int from = (int) sector * SECTOR;
    return Arrays.copyOfRange(image, from, from + bytes);
  }

  @Override
  public void close() {
    device.close();
    requests.close();
  }
}
