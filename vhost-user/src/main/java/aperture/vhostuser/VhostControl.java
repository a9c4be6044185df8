package aperture.vhostuser;

import aperture.admin.ControlException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.osgi.annotation.versioning.ProviderType;

/** Devices served over vhost-user. Thread-safe. */
@ProviderType
public interface VhostControl {

  /**
   * Serves a device: returns once front ends can connect. One front end is served at a time; when
   * it goes, the next may come.
   *
   * @throws ControlException naming what is wrong; of kind {@code NOT_PERMITTED} when the socket
   *     cannot be had
   */
  VhostServerInfo serve(VhostServeSpec spec) throws ControlException;

  /** Whatever is served, in the order of names. */
  List<VhostServerInfo> list();

  /** One server, with all there is to know. */
  VhostServerDetails show(String name) throws ControlException;

  /**
   * Looks at the guest of a server.
   *
   * @throws ControlException when no front end is connected, or its memory cannot be had
   */
  VhostGuest guest(String name) throws ControlException;

  /** The machine type that a server was told to go by; empty for none. */
  Optional<String> machineType(String name) throws ControlException;

  /**
   * Changes the size of what a server has, or takes notice of the size that it has by now; the
   * front end is told if it can be.
   *
   * @param bytes the size wanted; empty to look only
   */
  VhostSizeInfo resize(String name, OptionalLong bytes) throws ControlException;

  /** Stops serving: requests taken are finished, then the connection is closed. */
  void stop(String name) throws ControlException;

  /**
   * Waits until a server has ended: it was stopped, or its only connection is gone.
   *
   * <p>Returns at once when there is none of that name.
   */
  void await(String name) throws InterruptedException;
}
