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
record GuestSetup(GuestLine line, Plan plan, int processors, List<GuestDevice> devices)
    implements Bootable {

  private static final String MEMORY = "512M";

  static GuestSetup of(GuestLine line, Plan plan, GuestDevice... devices) {
    return new GuestSetup(line, plan, 1, List.of(devices));
  }

  GuestSetup processors(int number) {
    return new GuestSetup(line, plan, number, devices);
  }

  @Override
  public List<String> command(Path kernel, Path initramfs, Path control, FrontEndTrace trace) {
    List<String> all = new ArrayList<>();
    all.add(line.qemu().name());
    all.addAll(Bootable.machine(line.machine(), MEMORY, line.processor()));
    all.addAll(List.of("-smp", Integer.toString(processors)));
    all.addAll(Bootable.boot(kernel, initramfs, control, line, plan, devices.size()));
    all.addAll(trace.options());
    all.addAll(line.hardware());
    for (int i = 0; i < devices.size(); i++) {
      all.addAll(devices.get(i).options("d" + i, line.device()));
    }
    return all;
  }
}
