package aperture.vhostuser.internal.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.core.Aperture;
import aperture.devices.blk.BlkDeviceType;
import aperture.guest.ModernDriverKind;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.HostilePeer;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.testkit.FrontEnd;
import aperture.vhostuser.testkit.FrontEndMemory;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server whose one connection was there before it. */
@Timeout(120)
class InheritedConnectionTest {

  private static final int BLOCK = 2;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final long before = Fd.open();
  private final Aperture aperture = Aperture.standalone().deviceType(new BlkDeviceType());
  private final VhostService servers = new VhostService(aperture.host(), false);

  @AfterEach
  void close() {
    servers.close();
    aperture.close();
    // Less when a test before had something to close yet.
    await().atMost(Duration.ofSeconds(10)).until(() -> Fd.open() <= before);
  }

  private void serve(int fd) throws ControlException {
    servers.serve(
        new VhostServeSpec(
            Optional.of("disk"),
            "blk",
            Optional.empty(),
            OptionalInt.of(fd),
            Optional.empty(),
            Setting.UNSET,
            false,
            Map.of("store", "memory", "size", "1M")));
  }

  @Test
  void theConnectionIsServedAndTheServerEndsWithIt() throws Exception {
    try (FrontEndMemory memory = new FrontEndMemory(32 << 20, false);
        UnixSocket.Pair pair = UnixSocket.pair()) {
      serve(HostilePeer.inheritable(pair.right().fd()));
      pair.right().fd().close();
      assertThat(servers.list().getFirst().socket()).startsWith("fd ");
      try (FrontEnd frontEnd = FrontEnd.connect(memory, pair.left(), BLOCK);
          GuestDriver driver = new ModernDriverKind().probe(frontEnd, frontEnd)) {
        IoJob job = driver.start(new IoPlan(Pattern.VERIFY, 200, 4096, 8, 3));
        assertThat(job.await(LIMIT)).isTrue();
        assertThat(job.report().clean()).as(job.report().reason()).isTrue();
      }
      servers.await("disk");
      assertThat(servers.list()).isEmpty();
    }
  }

  @Test
  void whatIsNoConnectionIsRefusedAndLeftAsItWas() throws Exception {
    try (Fd file = MemoryFile.create("file", 4096)) {
      int number = HostilePeer.inheritable(file);
      assertThatThrownBy(() -> serve(number))
          .isInstanceOfSatisfying(
              ControlException.class,
              e -> assertThat(e.kind()).isEqualTo(ControlException.Kind.NOT_PERMITTED))
          .hasMessageContaining("fd " + number);
      assertThat(servers.list()).isEmpty();
      HostilePeer.giveBack(number);
    }
    assertThatThrownBy(() -> serve(1 << 19)).hasMessageContaining("fd " + (1 << 19));
  }
}
