package aperture.itest.guest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A guest whose machine and disk are as a server printed them: one line of words.
 *
 * @param line what its machine must turn out to be
 * @param plan what it does
 * @param printed QEMU's program and options, with one virtio device
 */
record PrintedGuest(GuestLine line, Plan plan, String printed) implements Bootable {

  @Override
  public List<String> command(Path kernel, Path initramfs, Path control, FrontEndTrace trace) {
    List<String> all = new ArrayList<>(List.of(printed.split(" ", -1)));
    all.addAll(Bootable.boot(kernel, initramfs, control, line, plan, 1));
    all.addAll(trace.options());
    return all;
  }
}
