package aperture.console.control;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.FeatureInfo;
import aperture.admin.QueueInfo;
import aperture.memory.MemoryRange;
import aperture.vhostuser.VhostControl;
import aperture.vhostuser.VhostGuest;
import aperture.vhostuser.VhostIotlbInfo;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.VhostServerDetails;
import aperture.vhostuser.VhostServerInfo;
import aperture.vhostuser.VhostSizeInfo;
import aperture.vhostuser.VhostTranslation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Servers that nobody connects to. */
public final class FakeVhost implements VhostControl {

  public final Map<String, VhostServeSpec> specs = new LinkedHashMap<>();

  /** What the front end of every server has told. */
  public List<VhostTranslation> translations = List.of();

  /** Whether guest memory cannot be read. */
  public boolean gone;

  public int guestsClosed;

  /** Who was waited for, and ended at once. */
  public String awaited = "";

  @Override
  public VhostServerInfo serve(VhostServeSpec spec) throws ControlException {
    if (spec.socketPath().map(Path::toString).orElse("").startsWith("/proc")) {
      throw new ControlException(
          ControlException.Kind.NOT_PERMITTED, "cannot bind " + spec.socketPath().get());
    }
    String name = spec.name().orElse(spec.type() + specs.size());
    specs.put(name, spec);
    return info(name);
  }

  private VhostServerInfo info(String name) {
    VhostServeSpec spec = specs.get(name);
    return new VhostServerInfo(
        name,
        spec.type(),
        spec.socketPath().map(Path::toString).orElse("fd " + spec.fd().orElse(-1)),
        Integer.parseInt(spec.options().getOrDefault("queues", "1")),
        "listening",
        spec.accessPlatform() == Setting.ON,
        "device setting",
        0);
  }

  @Override
  public List<VhostServerInfo> list() {
    return specs.keySet().stream().map(this::info).toList();
  }

  @Override
  public VhostServerDetails show(String name) {
    return new VhostServerDetails(
        info(name),
        List.of(new FeatureInfo(33, "ACCESS_PLATFORM", "bus addresses", true, true)),
        List.of(new FeatureInfo(0, "MQ", "several queues", true, true)),
        List.of(new QueueInfo(0, 128, "idle", 1, 1, 0, 1, 1, 1)),
        new VhostIotlbInfo(1, 1, 0, 1, 0, 1, 20, 20, 0, 0, 11, 0),
        "",
        Map.of("file", "disk.img"));
  }

  @Override
  public VhostGuest guest(String name) throws ControlException {
    return new FakeGuest();
  }

  @Override
  public Optional<String> machineType(String name) {
    return specs.get(name).machineType();
  }

  /** A guest with 1 MiB, each byte of which is the number of its page. */
  private final class FakeGuest implements VhostGuest {

    @Override
    public List<MemoryRange> memory() {
      return List.of(new MemoryRange(0, 1 << 20));
    }

    @Override
    public boolean read(long gpa, byte[] target) throws IOException {
      if (gone) {
        throw new IOException("guest memory is gone");
      }
      Arrays.fill(target, (byte) (gpa >> 12));
      return true;
    }

    @Override
    public List<VhostTranslation> translations() {
      return translations;
    }

    @Override
    public void close() {
      guestsClosed++;
    }
  }

  @Override
  public VhostSizeInfo resize(String name, OptionalLong bytes) {
    return new VhostSizeInfo(name, bytes.orElse(4096), "is told");
  }

  @Override
  public void stop(String name) {
    specs.remove(name);
  }

  @Override
  public void await(String name) {
    awaited = name;
  }
}
