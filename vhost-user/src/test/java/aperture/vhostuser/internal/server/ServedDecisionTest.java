package aperture.vhostuser.internal.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.ConfigurationError;
import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.core.Aperture;
import aperture.devices.blk.BlkDeviceType;
import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.VhostServerInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with the offer of a served device is said before anybody connects. */
class ServedDecisionTest {

  private static final String IOMMU = "board-iommu";

  /** One machine with legacy registers, one with an IOMMU that stays, one where it may go. */
  private static final class Boards implements MachineDefaults {
    @Override
    public String family() {
      return "board";
    }

    @Override
    public List<MachineRow> rows() {
      return List.of(
          row("legacy", List.of(MachineRow.NO_IOMMU), LegacyInterface.LEGACY),
          row("fixed", List.of(IOMMU), LegacyInterface.MODERN),
          row("either", List.of(IOMMU, MachineRow.NO_IOMMU), LegacyInterface.MODERN));
    }

    private static MachineRow row(String version, List<String> iommus, LegacyInterface legacy) {
      return new MachineRow(
          "board-" + version,
          "board",
          version,
          iommus,
          iommus.getFirst(),
          false,
          false,
          legacy,
          List.of(),
          List.of(),
          4096,
          ByteOrderName.LITTLE,
          Map.of());
    }
  }

  @TempDir Path dir;
  private final Aperture aperture =
      Aperture.standalone().deviceType(new BlkDeviceType()).family(new Boards(), "toy");
  private final VhostService servers = new VhostService(aperture.host(), false);

  @AfterEach
  void close() {
    servers.close();
    aperture.close();
  }

  private VhostServerInfo serve(String version, Setting offer, boolean unsafe)
      throws ControlException {
    return servers.serve(
        new VhostServeSpec(
            Optional.of("d"),
            "blk",
            Optional.of(dir.resolve("d.sock")),
            OptionalInt.empty(),
            Optional.of("board-" + version),
            offer,
            unsafe,
            Map.of("store", "memory", "size", "1M")));
  }

  @Test
  void anOfferThatTheLegacyInterfaceCannotCarryIsC1() throws Exception {
    assertThatThrownBy(() -> serve("legacy", Setting.ON, false))
        .isInstanceOfSatisfying(
            ControlException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ControlException.Kind.USAGE);
              assertThat(e.line()).startsWith("C1: device d: access-platform on");
            })
        .hasMessageContaining("board-legacy")
        .hasMessageContaining("use a newer machine type or set access-platform off");
    assertThat(dir.resolve("d.sock")).doesNotExist();
    assertThat(serve("legacy", Setting.UNSET, false).offer()).isFalse();
  }

  @Test
  void theGlobalSettingIsHeldToTheSame() throws Exception {
    aperture.policies().globalOffer(Setting.ON);
    assertThatThrownBy(() -> serve("legacy", Setting.UNSET, false))
        .isInstanceOfSatisfying(
            ControlException.class,
            e -> assertThat(e.configurationError()).contains(ConfigurationError.LEGACY_INTERFACE));
    assertThat(serve("legacy", Setting.OFF, false).offer()).isFalse();
  }

  @Test
  void anOfferTurnedOffBehindAnIommuThatStaysIsC5() throws Exception {
    assertThatThrownBy(() -> serve("fixed", Setting.OFF, false))
        .isInstanceOfSatisfying(
            ControlException.class,
            e -> assertThat(e.line()).startsWith("C5: device d: access-platform off"))
        .hasMessageContaining("unsafe");
    assertThat(serve("fixed", Setting.OFF, true).offer()).isFalse();
  }

  @Test
  void anIommuThatMayGoOrTheDefaultOfTheMachineIsNoError() throws Exception {
    assertThat(serve("either", Setting.OFF, false).offer()).isFalse();
    servers.stop("d");
    assertThat(serve("fixed", Setting.UNSET, false).offer()).isFalse();
    servers.stop("d");
    assertThat(serve("fixed", Setting.ON, false).offer()).isTrue();
  }
}
