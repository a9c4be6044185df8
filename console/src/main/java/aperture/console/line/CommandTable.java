package aperture.console.line;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All commands: the one source of parsing, help, completion and documentation. */
public final class CommandTable {

  private static final Map<String, Command> BY_NAME = new LinkedHashMap<>();

  static {
    Stream.of(arch(), machine(), device(), driver(), dma(), policy(), vhost(), aperture())
        .flatMap(List::stream)
        .forEach(command -> BY_NAME.put(command.name(), command));
  }

  private CommandTable() {}

  /** All commands, by scope. */
  public static List<Command> all() {
    return List.copyOf(BY_NAME.values());
  }

  /**
   * A command that exists.
   *
   * @throws IllegalArgumentException for another
   */
  public static Command get(String name) {
    Command command = BY_NAME.get(name);
    if (command == null) {
      throw new IllegalArgumentException("no command " + name);
    }
    return command;
  }

  private static List<Command> arch() {
    return List.of(
        Command.of("arch:list", Texts.ARCH_LIST).withResult(),
        Command.of("arch:swap", Texts.ARCH_SWAP)
            .with("ARCH", Words.ARCHITECTURE)
            .with("JAR", Words.FILE)
            .withResult());
  }

  private static List<Command> machine() {
    return List.of(
        Command.of("machine:types", Texts.MACHINE_TYPES).withResult(),
        Command.of("machine:create", Texts.MACHINE_CREATE)
            .with("NAME", Words.ANY)
            .with("TYPE", Words.MACHINE_TYPE)
            .option(
                "memory", "SIZE", Words.SIZE, "bytes of guest memory, with K, M or G (default 64M)")
            .option(
                "iommu",
                "KIND|none",
                Words.IOMMU,
                "IOMMU kind, and its options: `KIND,NAME=VALUE` (default: the type's)")
            .flag("bus-bypass", "put the root bus, with all devices, outside of the IOMMU")
            .flag("confidential", "keep memory from the host: every device offers bit 33")
            .withResult(),
        Command.of("machine:list", Texts.MACHINE_LIST).withResult(),
        Command.of("machine:show", Texts.MACHINE_SHOW)
            .with("NAME|TYPE", Words.MACHINE_OR_TYPE)
            .withResult(),
        Command.of("machine:destroy", Texts.MACHINE_DESTROY).with("NAME", Words.MACHINE));
  }

  private static List<Command> device() {
    return List.of(
        Command.of("device:types", Texts.DEVICE_TYPES).withResult(),
        Command.of("device:add", Texts.DEVICE_ADD)
            .with("MACHINE", Words.MACHINE)
            .with("TYPE", Words.DEVICE_TYPE)
            .option("id", "ID", Words.ANY, "its name (default: a generated one)")
            .option("access-platform", "on|off", Words.ON_OFF, "the offer of feature bit 33")
            .option("strict", "on|off", Words.ON_OFF, "refuse a driver that does not accept it")
            .option(
                "unacked",
                "ADDRESSES",
                Words.UNACKED,
                "whose addresses a driver that did not accept it posts, where that is not refused:"
                    + " physical or translated (default physical)")
            .option(
                "wiring",
                "WIRING",
                Words.WIRING,
                "software: without the offer addresses are physical; hardware: a physical function,"
                    + " behind the IOMMU whatever it offers (default software)")
            .option(
                "transport",
                "TRANSPORT",
                Words.TRANSPORT,
                "pci, mmio, or mmio-legacy (default pci); no IOMMU is in front of the latter two")
            .option(
                "legacy",
                "on|off",
                Words.ON_OFF,
                "the legacy register interface (default: as the machine type, and off with the"
                    + " offer)")
            .flag("bus-bypass", "put it on a bus that the IOMMU is not in front of")
            .option(
                "require-version-1",
                "on|off",
                Words.ON_OFF,
                "refuse a modern driver that does not accept VERSION_1 (default on)")
            .flag("unsafe", "accept an offer turned off behind an IOMMU")
            .withTypeOptions()
            .withResult(),
        Command.of("device:list", Texts.DEVICE_LIST).withResult(),
        Command.of("device:show", Texts.DEVICE_SHOW).with("DEVICE", Words.DEVICE).withResult(),
        Command.of("device:stats", Texts.DEVICE_STATS).with("DEVICE", Words.DEVICE).withResult(),
        Command.of("device:why", Texts.DEVICE_WHY).with("DEVICE", Words.DEVICE).withResult(),
        Command.of("device:resize", Texts.DEVICE_RESIZE)
            .with("DEVICE", Words.DEVICE)
            .maybe("SIZE", Words.SIZE)
            .withResult(),
        Command.of("device:remove", Texts.DEVICE_REMOVE).with("DEVICE", Words.DEVICE));
  }

  private static List<Command> driver() {
    return List.of(
        Command.of("driver:kinds", Texts.DRIVER_KINDS).withResult(),
        Command.of("driver:bind", Texts.DRIVER_BIND)
            .with("DEVICE", Words.DEVICE)
            .with("KIND", Words.DRIVER_KIND)
            .withTypeOptions()
            .withResult(),
        Command.of("driver:unbind", Texts.DRIVER_UNBIND).with("DEVICE", Words.DEVICE),
        Command.of("driver:reset", Texts.DRIVER_RESET).with("DEVICE", Words.DEVICE).withResult(),
        Command.of("driver:show", Texts.DRIVER_SHOW).with("DEVICE", Words.DEVICE).withResult(),
        Command.of("driver:io", Texts.DRIVER_IO)
            .with("DEVICE", Words.DEVICE)
            .flag("background", "return at once; driver:wait checks it")
            .option(
                "pattern",
                "PATTERN",
                Words.PATTERN,
                "scan: read all once; read: read at random; verify: overwrite at random and read"
                    + " back; rewrite: write all back as read (default read)")
            .option(
                "requests",
                "N",
                Words.NUMBER,
                "how many, 0 until stopped (default 1000, in the background 0; scan and rewrite end"
                    + " by themselves)")
            .option(
                "block", "SIZE", Words.SIZE, "bytes of a request, a multiple of 512 (default 4K)")
            .option("depth", "N", Words.NUMBER, "requests in flight for each queue (default 8)")
            .option("seed", "N", Words.NUMBER, "of the random choices (default 1)")
            .withResult(),
        Command.of("driver:wait", Texts.DRIVER_WAIT)
            .with("DEVICE", Words.DEVICE)
            .option("timeout", "SECONDS", Words.NUMBER, "longest time to wait (default: no limit)")
            .flag("stop", "end I/O that would go on")
            .withResult());
  }

  private static List<Command> dma() {
    return List.of(
        Command.of("dma:translate", Texts.DMA_TRANSLATE)
            .with("DEVICE", Words.DEVICE)
            .with("IOVA", Words.NUMBER)
            .with("LEN", Words.SIZE)
            .with("r|w", Words.ACCESS)
            .option(
                "capture",
                "DIR",
                Words.FILE,
                "ask the state captured there; DEVICE is one of its endpoints")
            .flag("explain", "every structure that the walks read")
            .withResult(),
        Command.of("dma:mappings", Texts.DMA_MAPPINGS).maybe("MACHINE", Words.MACHINE).withResult(),
        Command.of("dma:faults", Texts.DMA_FAULTS).maybe("MACHINE", Words.MACHINE).withResult(),
        Command.of("dma:replay", Texts.DMA_REPLAY)
            .each("DIR", Words.FILE)
            .option("limit", "N", Words.NUMBER, "disagreements shown for each capture (default 10)")
            .withResult(),
        Command.of("dma:capture", Texts.DMA_CAPTURE)
            .with("MACHINE|SERVER", Words.MACHINE_OR_SERVER)
            .with("DIR", Words.FILE)
            .option(
                "qmp",
                "SOCKET",
                Words.FILE,
                "control socket of the QEMU that runs the server's guest")
            .option(
                "iommu",
                "KIND",
                Words.IOMMU,
                "the guest's IOMMU kind (default: that of the server's machine type)")
            .option(
                "endpoint",
                "BB:SS.F",
                Words.ANY,
                "where the guest has the served device (default: QEMU is asked)")
            .withResult());
  }

  private static List<Command> policy() {
    return List.of(
        Command.of("policy:explain", Texts.POLICY_EXPLAIN)
            .with("DEVICE", Words.DEVICE)
            .withResult(),
        matrix(),
        Command.of("policy:set", Texts.POLICY_SET)
            .with("offer|strict", Words.POLICY)
            .with("on|off|unset", Words.ON_OFF_UNSET)
            .withResult(),
        Command.of("policy:show", Texts.POLICY_SHOW).withResult(),
        Command.of("policy:thread", Texts.POLICY_THREAD).withResult());
  }

  private static Command matrix() {
    return Command.of("policy:matrix", Texts.POLICY_MATRIX)
        .option("mode", "N,I,T,B,W", Words.PATH_MODES, "paths (default: all)")
        .option("driver", "KIND,...", Words.DRIVER_KINDS, "driver kinds (default: all present)")
        .option("offered", "on|off", Words.ON_OFF, "devices that offer bit 33, or do not")
        .option(
            "strict",
            "on|off",
            Words.ON_OFF,
            "devices that refuse a driver which does not accept it, or do not")
        .option(
            "unacked",
            "physical|translated",
            Words.UNACKED,
            "devices for which such a driver's addresses are physical, or those of the bus")
        .option(
            "outcome",
            "SC,...",
            Words.OUTCOMES,
            "show only what came out so, or came to no verdict")
        .option(
            "machine", "TYPE", Words.MACHINE_TYPE, "only this machine type, with all its IOMMUs")
        .flag("per-machine", "a row for each machine type and IOMMU kind")
        .flag("evidence", "show what was seen, too; JSON has it always")
        .option(
            "legacy",
            "on|off",
            Words.ON_OFF,
            "legacy registers of devices that do not offer the bit (default on)")
        .option(
            "whitelist", "yes|no", Words.YES_NO, "whether K4 has listed the device (default no)")
        .option("k6-ack", "yes|no", Words.YES_NO, "whether K6 accepts the bit (default yes)")
        .option("k6-iova", "va|pa", Words.IOVA, "what K6 maps its memory at (default va)")
        .option(
            "no-iommu-vfio",
            "on|off",
            Words.ON_OFF,
            "whether K6 goes without an IOMMU group (default off)")
        .option(
            "xen-map",
            "on|off",
            Words.ON_OFF,
            "whether Xen mapped machine addresses to themselves for K5 (default off)")
        .option(
            "collision",
            "on|off",
            Words.ON_OFF,
            "whether raw physical numbers happen to be mapped too (default off)")
        .option(
            "device",
            "real|software",
            Words.DEVICE_SORT,
            "what a device without the offer is (default: real in I and T, software elsewhere)")
        .option(
            "platform-map",
            "translating|identity",
            Words.PLATFORM_MAP,
            "what the IOMMU that a device goes round does in B (default translating)")
        .withResult();
  }

  private static List<Command> vhost() {
    return List.of(
        served(
                Command.of("vhost:serve", Texts.VHOST_SERVE)
                    .with("TYPE", Words.DEVICE_TYPE)
                    .option("name", "NAME", Words.ANY, "its name (default: a generated one)"))
            .withResult(),
        Command.of("vhost:list", Texts.VHOST_LIST).withResult(),
        Command.of("vhost:show", Texts.VHOST_SHOW).with("NAME", Words.SERVER).withResult(),
        Command.of("vhost:resize", Texts.VHOST_RESIZE)
            .with("NAME", Words.SERVER)
            .maybe("SIZE", Words.SIZE)
            .withResult(),
        Command.of("vhost:stop", Texts.VHOST_STOP).with("NAME", Words.SERVER));
  }

  /** What serving a device takes, in the console or for itself. */
  private static Command served(Command command) {
    return command
        .option("socket-path", "S", Words.FILE, "the socket to make; front ends connect to it")
        .option("fd", "N", Words.NUMBER, "a connected socket that this process was started with")
        .option("blk-file", "F", Words.FILE, "raw image file, as --file")
        .option("num-queues", "N", Words.NUMBER, "number of queues, as --queues")
        .option(
            "machine",
            "TYPE",
            Words.MACHINE_TYPE,
            "machine type whose default decides on feature bit 33")
        .option("access-platform", "on|off", Words.ON_OFF, "the offer of feature bit 33")
        .flag("unsafe", "accept an offer turned off behind an IOMMU")
        .withTypeOptions();
  }

  private static List<Command> aperture() {
    return List.of(
        served(
            Command.of("aperture:serve", Texts.APERTURE_SERVE)
                .with("TYPE", Words.DEVICE_TYPE)
                .flag(
                    "print-capabilities", "what this back end can do, as JSON, and nothing else")),
        Command.of("aperture:demo", Texts.APERTURE_DEMO)
            .option("image", "F", Words.FILE, "any file as disk image; it is copied first")
            .withResult(),
        Command.of("aperture:version", Texts.APERTURE_VERSION).withResult(),
        Command.of("aperture:commands", Texts.APERTURE_COMMANDS)
            .flag("markdown", "the reference page")
            .withResult());
  }
}
