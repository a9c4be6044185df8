package aperture.itest.guest;

import java.nio.file.Path;
import java.util.List;

/** Something that QEMU boots. */
interface Bootable {

  // Errors of the kernel's block layer are printed, its chatter is not.
  String QUIET = "quiet loglevel=4";

  GuestLine line();

  /** The whole command of QEMU. */
  List<String> command(Path kernel, Path initramfs, Path control, FrontEndTrace trace);

  /**
   * The part of it that has nothing to do with machine and devices.
   *
   * @param devices how many virtio devices the guest is to wait for
   */
  static List<String> boot(
      Path kernel, Path initramfs, Path control, GuestLine line, Plan plan, int devices) {
    String append =
        String.join(
            " ",
            "console=" + line.console(),
            QUIET,
            line.commandLine(),
            "aperture.devices=" + devices,
            plan.argument());
    return List.of(
        "-nodefaults",
        "-accel",
        "tcg",
        "-display",
        "none",
        "-serial",
        "stdio",
        "-qmp",
        "unix:" + control + ",server=on,wait=off",
        "-kernel",
        kernel.toString(),
        "-initrd",
        initramfs.toString(),
        "-append",
        append);
  }
}
