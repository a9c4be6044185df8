package aperture.itest.guest;

import java.nio.file.Path;
import java.util.List;

/** A virtio device that a guest is given, as QEMU's options say it. */
sealed interface GuestDevice {

  /**
   * The options.
   *
   * @param id no other device of this guest has it
   * @param properties of the line, for every device
   */
  List<String> options(String id, String properties);

  /**
   * A disk that QEMU serves by itself.
   *
   * @param image the raw file
   */
  record OwnDisk(Path image) implements GuestDevice {
    @Override
    public List<String> options(String id, String properties) {
      return List.of(
          "-drive",
          "file=" + image + ",if=none,id=" + id + ",format=raw,discard=unmap",
          "-device",
          "virtio-blk-pci,drive=" + id + "," + properties);
    }
  }

  /**
   * A disk that a back end serves.
   *
   * @param socket where it listens
   * @param queues how many the guest is offered
   * @param reconnect whether QEMU waits for a back end that has gone
   */
  record ServedDisk(Path socket, int queues, boolean reconnect) implements GuestDevice {

    ServedDisk(Path socket) {
      this(socket, 1, false);
    }

    @Override
    public List<String> options(String id, String properties) {
      return List.of(
          "-chardev",
          "socket,id=" + id + ",path=" + socket + (reconnect ? ",reconnect=1" : ""),
          "-device",
          "vhost-user-blk-pci,chardev=" + id + ",num-queues=" + queues + "," + properties);
    }
  }

  /**
   * A source of entropy that a back end serves. QEMU has it in its modern form only, and without an
   * option for it; before an IOMMU it would be told of a feature that nobody offered.
   *
   * @param socket where it listens
   */
  record ServedEntropy(Path socket) implements GuestDevice {
    @Override
    public List<String> options(String id, String properties) {
      return List.of(
          "-chardev",
          "socket,id=" + id + ",path=" + socket,
          "-device",
          "vhost-user-rng-pci,chardev=" + id);
    }
  }
}
