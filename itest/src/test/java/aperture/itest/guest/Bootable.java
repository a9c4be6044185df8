package aperture.itest.guest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Something that QEMU boots. */
interface Bootable {

  // Errors of the kernel's block layer are printed, its chatter is not.
  String QUIET = "quiet loglevel=4";

  GuestLine line();

  /** The whole command of QEMU. */
  List<String> command(Path kernel, Path initramfs, Path control, FrontEndTrace trace);

  /** Nothing but a machine: no devices that nobody asked for, a console, a control socket. */
  static List<String> bare(Path control) {
    return List.of(
        "-nodefaults",
        "-accel",
        "tcg",
        "-display",
        "none",
        "-serial",
        "stdio",
        "-qmp",
        "unix:" + control + ",server=on,wait=off");
  }

  /** The machine, with memory that a vhost-user back end can map because it is shared. */
  static List<String> machine(String machine, String memory, String processor) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("-machine", machine + ",memory-backend=mem", "-m", memory));
    all.addAll(List.of("-object", "memory-backend-memfd,id=mem,size=" + memory + ",share=on"));
    if (!processor.isEmpty()) {
      all.addAll(List.of("-cpu", processor));
    }
    return all;
  }

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
    List<String> all = new ArrayList<>(bare(control));
    all.addAll(List.of("-kernel", kernel.toString(), "-initrd", initramfs.toString()));
    all.addAll(List.of("-append", append));
    return all;
  }
}
