package aperture.console.line;

/**
 * Summary and example of every command, as constants: the stock help reads them from annotations,
 * everything else from {@link CommandTable}.
 */
public final class Texts {

  public static final String ARCH_LIST =
      "list the bundles that supply machines and IOMMUs, or could; example: arch:list";
  public static final String ARCH_SWAP =
      "replace an architecture bundle while its machines do I/O; example: arch:swap ppc"
          + " new/aperture.arch.ppc.jar";

  public static final String MACHINE_TYPES =
      "list the machine types, and in what the next version of each differs; example:"
          + " machine:types";
  public static final String MACHINE_CREATE =
      "create a machine; example: machine:create m0 pc-q35-7.2 --memory 64M --iommu intel-vtd";
  public static final String MACHINE_LIST = "list the machines; example: machine:list";
  public static final String MACHINE_SHOW =
      "show a machine or, if none has that name, a machine type; example: machine:show m0";
  public static final String MACHINE_DESTROY =
      "end a machine, its drivers and devices; example: machine:destroy m0";

  public static final String DEVICE_TYPES =
      "list the device types and their options; example: device:types";
  public static final String DEVICE_ADD =
      "add a device to a machine; example: device:add m0 blk --id d0 --access-platform on --file"
          + " disk.img";
  public static final String DEVICE_LIST = "list the devices; example: device:list";
  public static final String DEVICE_SHOW =
      "show a device, its features and queues; example: device:show d0";
  public static final String DEVICE_STATS =
      "show a device's counters; example: device:stats d0 --json";
  public static final String DEVICE_WHY =
      "say why a device does not do what it should, and what to do; example: device:why d0";
  public static final String DEVICE_RESIZE =
      "give what is behind a device another size, or look at the size again; example: device:resize"
          + " d0 128M";
  public static final String DEVICE_REMOVE = "remove a device; example: device:remove d0";

  public static final String DRIVER_KINDS =
      "list the kinds of guest drivers; example: driver:kinds";
  public static final String DRIVER_BIND =
      "bind a guest driver to a device; example: driver:bind d0 K2";
  public static final String DRIVER_UNBIND =
      "take the driver off a device; example: driver:unbind d0";
  public static final String DRIVER_RESET =
      "reset a device and bring it up again; example: driver:reset d0";
  public static final String DRIVER_SHOW =
      "show a device's driver and its I/O; example: driver:show d0";
  public static final String DRIVER_IO =
      "do I/O through a device and check it; example: driver:io d0 --pattern scan";
  public static final String DRIVER_WAIT =
      "wait for a device's I/O and check it; example: driver:wait d0 --stop";

  public static final String DMA_TRANSLATE =
      "say what a range means to a device; example: dma:translate d0 0x1000 8192 r --explain";
  public static final String DMA_MAPPINGS =
      "list the live mappings of drivers; example: dma:mappings m0";
  public static final String DMA_FAULTS =
      "list translation faults, the newest last; example: dma:faults";
  public static final String DMA_REPLAY =
      "ask our IOMMUs what a captured one was asked, and compare; example: dma:replay captures/a"
          + " captures/b";
  public static final String DMA_CAPTURE =
      "write the IOMMU state and answers of a machine, or of a server's guest, to a folder;"
          + " example: dma:capture blk0 captures/guest --qmp /tmp/qmp.sock --iommu intel-vtd";

  public static final String POLICY_EXPLAIN =
      "say whose addresses a device uses, and why; example: policy:explain d0";
  public static final String POLICY_MATRIX =
      "try drivers, devices and paths, each case on a machine of its own, and say what happened;"
          + " example: policy:matrix --mode T --driver K1b,K2";
  public static final String POLICY_SET =
      "set the global offer or strictness, for devices added afterwards; example: policy:set"
          + " offer on";
  public static final String POLICY_THREAD =
      "carry out what was said in July 2015 about whose addresses devices use; example:"
          + " policy:thread";
  public static final String POLICY_SHOW = "show the global settings; example: policy:show";

  public static final String VHOST_SERVE =
      "serve a device to a real guest; example: vhost:serve blk --socket-path /tmp/d0.sock"
          + " --blk-file disk.img";
  public static final String VHOST_LIST = "list what is served; example: vhost:list";
  public static final String VHOST_SHOW =
      "show what was negotiated with a guest, its queues and translations; example: vhost:show"
          + " blk0";
  public static final String VHOST_RESIZE =
      "give what is served another size, or look at the size again; example: vhost:resize blk0"
          + " 128M";
  public static final String VHOST_STOP =
      "finish the requests taken, and serve no longer; example: vhost:stop blk0";

  public static final String APERTURE_SERVE =
      "serve one device in the foreground, until it is stopped by a signal; example: aperture:serve"
          + " blk --socket-path /tmp/d0.sock --blk-file disk.img";
  public static final String APERTURE_DEMO =
      "build machines of every architecture, do verified I/O, swap bundles under load; example:"
          + " aperture:demo";
  public static final String APERTURE_VERSION = "show what runs; example: aperture:version";
  public static final String APERTURE_COMMANDS = "list these commands; example: aperture:commands";

  private Texts() {}
}
