package aperture.vhostuser.internal.server;

import aperture.served.ServedDevice;
import aperture.vhostuser.VhostGuest;
import aperture.vhostuser.VhostSizeInfo;
import aperture.vhostuser.internal.iotlb.AccessAudit;
import aperture.vhostuser.internal.iotlb.IotlbCounters;
import aperture.vhostuser.internal.session.Session;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.Channel;
import aperture.virtio.DeviceConfigurationException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A device and its control thread: serves one front end at a time until it is stopped. */
final class VhostServer {

  private static final Logger LOG = System.getLogger(VhostServer.class.getName());

  private final String type;
  private final Optional<String> machineType;
  private final ServedDevice device;
  private final Door door;
  private final Runnable ended;
  private final Thread thread;
  private final boolean audits;
  private @Nullable Session session;
  private IotlbCounters past = IotlbCounters.NONE;
  private boolean stopping;
  private long connections;

  /**
   * @param audits whether the use of memory behind an IOMMU is audited
   * @param ended called by the control thread when it is about to end
   */
  VhostServer(
      String type,
      Optional<String> machineType,
      ServedDevice device,
      Door door,
      boolean audits,
      Runnable ended) {
    this.type = type;
    this.machineType = machineType;
    this.device = device;
    this.door = door;
    this.audits = audits;
    this.ended = ended;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name(device.id() + "-control")
            .unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      for (Optional<UnixSocket> next = door.next(); next.isPresent(); next = door.next()) {
        serve(next.get());
      }
    } catch (IOException e) {
      LOG.log(Level.ERROR, "{0}: no more connections: {1}", device.id(), e.getMessage());
    } finally {
      door.close();
      device.close();
      ended.run();
    }
  }

  private void serve(UnixSocket socket) {
    AccessAudit audit = audits ? new AccessAudit() : null;
    try (Session fresh = new Session(device, new Channel(socket), audit)) {
      if (enter(fresh)) {
        LOG.log(Level.INFO, "{0}: front end connected", device.id());
        fresh.run();
      }
    } finally {
      leave();
    }
  }

  private synchronized boolean enter(Session fresh) {
    if (stopping) {
      return false;
    }
    session = fresh;
    connections++;
    return true;
  }

  private synchronized void leave() {
    if (session != null) {
      past = past.plus(session.iotlb());
      session = null;
    }
  }

  /**
   * Changes the size, or looks at it again.
   *
   * @param bytes empty to look only
   */
  VhostSizeInfo resize(OptionalLong bytes) throws DeviceConfigurationException, IOException {
    byte[] before = device.config();
    long now = device.resize(bytes);
    boolean changed = !Arrays.equals(before, device.config());
    return new VhostSizeInfo(device.id(), now, changed ? word(session()) : "needs no word");
  }

  private static String word(@Nullable Session front) {
    if (front == null) {
      return "is none";
    }
    return front.tellsChanges() ? "is told" : "learns at its next reset";
  }

  /** Takes no more connections, and ends the one there is once its requests are finished. */
  void stop() {
    synchronized (this) {
      stopping = true;
      if (session != null) {
        session.shutdown();
      }
    }
    door.close();
  }

  /** Waits until the control thread is gone. */
  void join() throws InterruptedException {
    if (!thread.equals(Thread.currentThread())) {
      thread.join();
    }
  }

  ServedDevice device() {
    return device;
  }

  String type() {
    return type;
  }

  Optional<String> machineType() {
    return machineType;
  }

  /** A look at the guest of the present connection. */
  VhostGuest guest() throws IOException {
    Session present = session();
    if (present == null) {
      throw new IOException("no front end is connected");
    }
    return present.guest();
  }

  String socket() {
    return door.label();
  }

  synchronized @Nullable Session session() {
    return session;
  }

  /** Of all connections. */
  synchronized IotlbCounters iotlb() {
    return session == null ? past : past.plus(session.iotlb());
  }

  synchronized long connections() {
    return connections;
  }
}
