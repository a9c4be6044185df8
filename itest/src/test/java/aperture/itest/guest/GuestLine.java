package aperture.itest.guest;

import java.util.List;

/**
 * One machine that guests are booted on.
 *
 * @param name what tests call it
 * @param kernel folder of the kernel, its modules and its busybox, among those that were fetched
 * @param qemu QEMU's program for it, and the Debian package that has it
 * @param machine QEMU's machine, with its options
 * @param type what Aperture calls this machine
 * @param processor QEMU's processor; empty for the machine's own
 * @param hardware QEMU's options for the IOMMU and what leads to it
 * @param device options of every virtio device
 * @param console the kernel's name of the console
 * @param commandLine what the kernel is told besides
 * @param accessPlatform whether the guest is to see feature bit 33
 * @param domain how the guest's kernel is to say that the disk is attached; {@code none} without
 *     IOMMU
 */
record GuestLine(
    String name,
    String kernel,
    Program qemu,
    String machine,
    String type,
    String processor,
    List<String> hardware,
    String device,
    String console,
    String commandLine,
    boolean accessPlatform,
    String domain)
    implements Needed {

  /** The same machine, with a device that goes round its IOMMU: QEMU offers no bit 33. */
  GuestLine goingRound() {
    return new GuestLine(
        name + ", device goes round",
        kernel,
        qemu,
        machine,
        type,
        processor,
        hardware,
        device.replace("iommu_platform=on,", ""),
        console,
        commandLine,
        false,
        domain);
  }

  @Override
  public String folder() {
    return kernel;
  }

  @Override
  public List<String> files() {
    return List.of("kernel", "busybox", "modules", "SHA256SUMS");
  }

  boolean translates() {
    return !domain.equals("none");
  }

  /** Whether buffers are unmapped while it runs: a window that maps all memory stays as it is. */
  boolean unmaps() {
    return translates() && !domain.equals("direct-window");
  }

  @Override
  public String toString() {
    return name;
  }
}
