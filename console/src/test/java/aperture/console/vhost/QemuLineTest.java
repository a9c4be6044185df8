package aperture.console.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.MachineType;
import aperture.console.control.FakeTypes;
import aperture.vhostuser.VhostServerInfo;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QemuLineTest {

  private static final String START = " -m 1G -object memory-backend-memfd,id=mem,size=1G,share=on";
  private static final String CHARDEV = " -chardev socket,id=c0,path=/tmp/s,reconnect=1";

  @Test
  void without_the_offer_no_iommu_stands_in_front_of_the_disk() {
    assertThat(line(false, Optional.empty()))
        .hasValue(
            "qemu-system-x86_64"
                + START
                + " -machine q35,memory-backend=mem"
                + CHARDEV
                + " -device vhost-user-blk-pci,chardev=c0,num-queues=2");
  }

  @Test
  void with_the_offer_the_machines_iommu_is_there_and_the_disk_behind_it() {
    assertThat(line(true, Optional.of(type("pc-q35-7.2-ap1", "pc-q35", "7.2-ap1"))))
        .hasValue(
            "qemu-system-x86_64"
                + START
                + " -machine pc-q35-7.2,memory-backend=mem -device"
                + " intel-iommu,intremap=off,device-iotlb=on -device"
                + " pcie-root-port,id=rp0,chassis=1,slot=1"
                + CHARDEV
                + " -device vhost-user-blk-pci,chardev=c0,num-queues=2,bus=rp0,ats=on,"
                + "iommu_platform=on,disable-legacy=on");
    assertThat(line(true, Optional.of(type("virt-7.2", "virt", "7.2"))))
        .hasValue(
            "qemu-system-aarch64 -m 1G -cpu cortex-a57 -object"
                + " memory-backend-memfd,id=mem,size=1G,share=on -machine"
                + " virt-7.2,iommu=smmuv3,memory-backend=mem"
                + CHARDEV
                + " -device vhost-user-blk-pci,chardev=c0,num-queues=2,"
                + "iommu_platform=on,disable-legacy=on");
    assertThat(line(true, Optional.of(type("pseries-7.2", "pseries", "7.2"))))
        .hasValue(
            "qemu-system-ppc64"
                + START
                + " -machine pseries-7.2,memory-backend=mem"
                + CHARDEV
                + " -device vhost-user-blk-pci,chardev=c0,num-queues=2,"
                + "iommu_platform=on,disable-legacy=on");
  }

  @Test
  void nobody_wants_an_iommu_just_because_the_bit_is_offered() {
    VhostServerInfo offering = server("blk", true);
    assertThat(QemuLine.of(offering, Optional.of("/tmp/s"), Optional.empty(), false))
        .isEqualTo(line(false, Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "microvm, '', ' -machine microvm,pcie=on,memory-backend=mem'",
    "pc-i440fx, 7.2, ' -machine pc-i440fx-7.2,memory-backend=mem'",
    "ppce500, '', ' -machine ppce500,memory-backend=mem'",
    "sbsa-ref, '', ' -machine sbsa-ref,memory-backend=mem'"
  })
  void every_family_has_a_machine(String family, String version, String machine) {
    String name = version.isEmpty() ? family : family + "-" + version;
    assertThat(line(false, Optional.of(type(name, family, version))).orElseThrow())
        .contains(machine);
  }

  @Test
  void there_is_no_line_for_a_machine_that_shares_no_memory_nor_for_an_inherited_connection() {
    assertThat(line(true, Optional.of(type("sun4u", "sun4u", "")))).isEmpty();
    assertThat(QemuLine.of(server("blk", false), Optional.empty(), Optional.empty(), true))
        .isEmpty();
    assertThat(Served.of(server("blk", false), Optional.empty()).readiness())
        .isEqualTo("ready: blk on /tmp/s");
  }

  @Test
  void an_entropy_device_has_no_queues_to_choose() {
    assertThat(QemuLine.of(server("rng", false), Optional.of("/tmp/s"), Optional.empty(), true))
        .hasValueSatisfying(
            line -> assertThat(line).endsWith("-device vhost-user-rng-pci,chardev=c0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/tmp/a,b | -chardev socket,id=c0,path=/tmp/a,,b,reconnect=1",
        "/tmp/a b | -chardev 'socket,id=c0,path=/tmp/a b,reconnect=1'",
        "/tmp/it's | -chardev 'socket,id=c0,path=/tmp/it'\\''s,reconnect=1'",
        "/tmp/$HOME | -chardev 'socket,id=c0,path=/tmp/$HOME,reconnect=1'"
      },
      quoteCharacter = '"')
  void a_path_means_the_same_to_shell_and_qemu(String path, String words) {
    assertThat(
            QemuLine.of(server("blk", false), Optional.of(path), Optional.empty(), true)
                .orElseThrow())
        .contains(words);
  }

  private static Optional<String> line(boolean offer, Optional<MachineType> type) {
    return QemuLine.of(server("blk", offer), Optional.of("/tmp/s"), type, true);
  }

  private static VhostServerInfo server(String type, boolean offer) {
    return new VhostServerInfo("d", type, "/tmp/s", 2, "listening", offer, "because", 0);
  }

  private static MachineType type(String name, String family, String version) {
    return FakeTypes.of(name, family, version, "a", List.of(), "none");
  }
}
