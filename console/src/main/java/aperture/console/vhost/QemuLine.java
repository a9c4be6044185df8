package aperture.console.vhost;

import aperture.admin.MachineType;
import aperture.vhostuser.VhostServerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The command line of QEMU that connects a guest to a server, ready to paste.
 *
 * @param server the server
 * @param target the guest's machine
 * @param iommu whether the machine's IOMMU stands in front of the device
 */
record QemuLine(VhostServerInfo server, QemuTarget target, boolean iommu) {

  private static final String MEMORY = "1G";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./,:=@%+-]+");

  /**
   * The line; empty when there is no socket to connect to, or QEMU cannot do it.
   *
   * @param iommu whether an IOMMU is wanted; who is not offered the bit is not put behind one
   */
  static Optional<String> of(
      VhostServerInfo server,
      Optional<String> socket,
      Optional<MachineType> machine,
      boolean iommu) {
    return socket.flatMap(path ->
        QemuTarget.of(machine)
            .map(target -> new QemuLine(server, target, iommu && server.offer()).text(path)));
  }

  private String text(String socket) {
    return words(socket).stream().map(QemuLine::quoted).collect(Collectors.joining(" "));
  }

  private List<String> words(String socket) {
    List<String> words = new ArrayList<>(List.of(target.binary(), "-m", MEMORY));
    words.addAll(target.processor());
    words.addAll(
        List.of(
            "-object",
            "memory-backend-memfd,id=mem,size=" + MEMORY + ",share=on",
            "-machine",
            joined(target.machine(), withIommu(target.machineOptions()), "memory-backend=mem")));
    if (iommu) {
      words.addAll(target.iommu());
    }
    words.addAll(
        List.of(
            "-chardev",
            "socket,id=c0,path=%s,reconnect=1".formatted(socket.replace(",", ",,")),
            "-device",
            device()));
    return words;
  }

  private String device() {
    return joined(
        "vhost-user-%s-pci".formatted(server.type()),
        "chardev=c0",
        server.type().equals("blk") ? "num-queues=" + server.queues() : "",
        withIommu(target.device()),
        withIommu("iommu_platform=on,disable-legacy=on"));
  }

  private String withIommu(String option) {
    return iommu ? option : "";
  }

  private static String joined(String... options) {
    return List.of(options).stream().filter(o -> !o.isEmpty()).collect(Collectors.joining(","));
  }

  private static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
