package aperture.itest.guest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A guest before it is started.
 *
 * @param line its machine
 * @param plan what it does
 * @param processors how many it has
 * @param devices its virtio devices; a disk is always the first of its kind
 */
record GuestSetup(GuestLine line, Plan plan, int processors, List<GuestDevice> devices) {

  private static final String MEMORY = "512M";
  // Errors of the kernel's block layer are printed, its chatter is not.
  private static final String QUIET = "quiet loglevel=4";

  static GuestSetup of(GuestLine line, Plan plan, GuestDevice... devices) {
    return new GuestSetup(line, plan, 1, List.of(devices));
  }

  GuestSetup processors(int number) {
    return new GuestSetup(line, plan, number, devices);
  }

  /** The whole command; a vhost-user back end can map the memory only because it is shared. */
  List<String> command(Path kernel, Path initramfs, Path control, FrontEndTrace trace) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(line.qemu().name(), "-nodefaults", "-accel", "tcg", "-display", "none"));
    all.addAll(List.of("-machine", line.machine() + ",memory-backend=mem", "-m", MEMORY));
    all.addAll(List.of("-object", "memory-backend-memfd,id=mem,size=" + MEMORY + ",share=on"));
    all.addAll(List.of("-smp", Integer.toString(processors)));
    if (!line.processor().isEmpty()) {
      all.addAll(List.of("-cpu", line.processor()));
    }
    all.addAll(List.of("-serial", "stdio", "-qmp", "unix:" + control + ",server=on,wait=off"));
    all.addAll(List.of("-kernel", kernel.toString(), "-initrd", initramfs.toString()));
    all.addAll(List.of("-append", append()));
    all.addAll(trace.options());
    all.addAll(line.hardware());
    for (int i = 0; i < devices.size(); i++) {
      all.addAll(devices.get(i).options("d" + i, line.device()));
    }
    return all;
  }

  private String append() {
    return String.join(
        " ",
        "console=" + line.console(),
        QUIET,
        line.commandLine(),
        "aperture.devices=" + devices.size(),
        plan.argument());
  }
}
