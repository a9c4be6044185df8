package aperture.vhostuser.internal.server;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.served.DeviceHost;
import aperture.served.ServedDevice;
import aperture.served.ServedSpec;
import aperture.vhostuser.VhostControl;
import aperture.vhostuser.VhostGuest;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.VhostServerDetails;
import aperture.vhostuser.VhostServerInfo;
import aperture.vhostuser.VhostSizeInfo;
import aperture.virtio.DeviceConfigurationException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;

/** All servers of this process. */
public final class VhostService implements VhostControl, AutoCloseable {

  /** Set to {@code true}, each page that a request uses behind an IOMMU is audited. */
  private static final boolean AUDITS = Boolean.getBoolean("aperture.vhost.audit");

  private final DeviceHost host;
  private final boolean audits;
  private final ConcurrentSkipListMap<String, VhostServer> servers = new ConcurrentSkipListMap<>();
  private boolean closed;

  public VhostService(DeviceHost host) {
    this(host, AUDITS);
  }

  /**
   * @param audits whether each page that a request uses behind an IOMMU is audited
   */
  public VhostService(DeviceHost host, boolean audits) {
    this.host = host;
    this.audits = audits;
  }

  @Override
  public synchronized VhostServerInfo serve(VhostServeSpec spec) throws ControlException {
    if (closed) {
      throw ControlException.failed("serving has ended");
    }
    if (spec.socketPath().isPresent() == spec.fd().isPresent()) {
      throw ControlException.usage("one of --socket-path and --fd, and not both");
    }
    String name = spec.name().orElseGet(() -> freeName(spec.type()));
    if (servers.containsKey(name)) {
      throw ControlException.usage("a server named '%s' exists already".formatted(name));
    }
    ServedDevice device =
        host.open(
            new ServedSpec(
                name,
                spec.type(),
                spec.machineType(),
                spec.accessPlatform(),
                spec.unsafe(),
                spec.options()));
    try {
      Door door = open(spec);
      VhostServer server =
          new VhostServer(
              spec.type(), spec.machineType(), device, door, audits, () -> servers.remove(name));
      servers.put(name, server);
      server.start();
      return ServerRecords.info(server);
    } catch (ControlException | RuntimeException e) {
      device.close();
      throw e;
    }
  }

  private static Door open(VhostServeSpec spec) throws ControlException {
    try {
      return spec.socketPath().isPresent()
          ? Door.listen(spec.socketPath().get())
          : Door.inherited(spec.fd().getAsInt());
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.NOT_PERMITTED, String.valueOf(e.getMessage()), e);
    }
  }

  private String freeName(String type) {
    int number = 0;
    while (servers.containsKey(type + number)) {
      number++;
    }
    return type + number;
  }

  @Override
  public List<VhostServerInfo> list() {
    return servers.values().stream().map(ServerRecords::info).toList();
  }

  @Override
  public VhostServerDetails show(String name) throws ControlException {
    return ServerRecords.details(server(name));
  }

  @Override
  public VhostGuest guest(String name) throws ControlException {
    try {
      return server(name).guest();
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.FAILED, "server %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  @Override
  public Optional<String> machineType(String name) throws ControlException {
    return server(name).machineType();
  }

  private VhostServer server(String name) throws ControlException {
    VhostServer server = servers.get(name);
    if (server == null) {
      throw ControlException.usage(Nearest.unknown("server", name, servers.keySet()));
    }
    return server;
  }

  @Override
  public VhostSizeInfo resize(String name, OptionalLong bytes) throws ControlException {
    try {
      return server(name).resize(bytes);
    } catch (DeviceConfigurationException e) {
      throw new ControlException(
          ControlException.Kind.USAGE, "server %s: %s".formatted(name, e.getMessage()), e);
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.FAILED, "server %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  @Override
  public void stop(String name) throws ControlException {
    VhostServer server = server(name);
    server.stop();
    join(server);
  }

  @Override
  public void await(String name) throws InterruptedException {
    VhostServer server = servers.get(name);
    if (server != null) {
      server.join();
    }
  }

  private static void join(VhostServer server) {
    try {
      server.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops all servers. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    List<VhostServer> all = List.copyOf(servers.values());
    all.forEach(VhostServer::stop);
    all.forEach(VhostService::join);
  }
}
