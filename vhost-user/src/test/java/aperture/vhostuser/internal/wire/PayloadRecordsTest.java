package aperture.vhostuser.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each record in bytes as front ends send them, written out by hand. */
class PayloadRecordsTest {

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static void assertThatBytes(byte[] bytes, String hex) {
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(hex.replace(" ", ""));
  }

  @Test
  void queueState() {
    VringState state = new VringState(2, 0x8000_0001);
    assertThatBytes(state.encode(), "02000000 01000080");
    assertThat(VringState.decode(Bytes.wrap(state.encode()))).isEqualTo(state);
  }

  @Test
  void queueAddressesHaveUsedBeforeAvailable() {
    VringAddress address = new VringAddress(1, 1, 0x10, 0x20, 0x30, 0x40);
    assertThatBytes(
        address.encode(),
        "01000000 01000000 1000000000000000 2000000000000000 3000000000000000 4000000000000000");
    assertThat(VringAddress.decode(Bytes.wrap(address.encode()))).isEqualTo(address);
    assertThat(address.logsUsed()).isTrue();
  }

  @Test
  void queueDescriptor() {
    assertThatBytes(new VringFile(5, true).encode(), "0500000000000000");
    assertThatBytes(new VringFile(5, false).encode(), "0501000000000000");
    assertThat(VringFile.decode(Bytes.wrap(hex("ff00000000000000"))))
        .isEqualTo(new VringFile(255, true));
  }

  @Test
  void doorbellArea() {
    VringArea area = new VringArea(new VringFile(1, false), 0x1000, 0x2000);
    assertThatBytes(area.encode(), "0101000000000000 0010000000000000 0020000000000000");
    assertThat(VringArea.decode(Bytes.wrap(area.encode()))).isEqualTo(area);
  }

  @Test
  void memoryTableAndSingleRegion() {
    RegionMessage region = new RegionMessage(0x10, 0x20, 0x30, 0x40);
    String words = "1000000000000000 2000000000000000 3000000000000000 4000000000000000";
    assertThatBytes(region.encode(), "0000000000000000" + words);
    assertThat(RegionMessage.decode(Bytes.wrap(region.encode()))).isEqualTo(region);

    MemoryTable table = new MemoryTable(List.of(region, region));
    assertThatBytes(table.encode(), "02000000 00000000" + words + words);
    assertThat(MemoryTable.decode(Bytes.wrap(table.encode()))).isEqualTo(table);
  }

  @Test
  void logArea() {
    LogArea log = new LogArea(0x100, 0x1000);
    assertThatBytes(log.encode(), "0001000000000000 0010000000000000");
    assertThat(LogArea.decode(Bytes.wrap(log.encode()))).isEqualTo(log);
  }

  @Test
  void translations() {
    IotlbMessage update =
        new IotlbMessage(IotlbMessage.Type.UPDATE, 0x0800_0000_0000_0000L, 0x1000, 0x30, 3);
    assertThatBytes(
        update.encode(), "0000000000000008 0010000000000000 3000000000000000 03 02 000000000000");
    assertThat(IotlbMessage.decode(Bytes.wrap(update.encode()))).isEqualTo(update);

    assertThatBytes(
        IotlbMessage.miss(0x5000, IotlbMessage.READ).encode(),
        "0050000000000000 0000000000000000 0000000000000000 01 01 000000000000");
    IotlbMessage all = new IotlbMessage(IotlbMessage.Type.INVALIDATE, 0, -1, 0, 0);
    assertThat(IotlbMessage.decode(Bytes.wrap(all.encode()))).isEqualTo(all);
  }

  @Test
  void configuration() {
    ConfigMessage config = new ConfigMessage(32, 1, new byte[] {7, 8});
    assertThatBytes(config.encode(), "20000000 02000000 01000000 0708");
    ConfigMessage decoded = ConfigMessage.decode(Bytes.wrap(config.encode()));
    assertThat(decoded.offset()).isEqualTo(32);
    assertThat(decoded.flags()).isEqualTo(1);
    assertThat(decoded.bytes()).containsExactly(7, 8);
    assertThat(decoded.within(34)).isTrue();
    assertThat(decoded.within(33)).isFalse();

    ConfigMessage far = ConfigMessage.decode(Bytes.wrap(hex("ffffffff 02000000 00000000 0000")));
    assertThat(far.offset()).isEqualTo(0xffff_ffffL);
    assertThat(far.within(60)).as("no sum overflows").isFalse();
  }

  @Test
  void inFlightAreaIsAnsweredAsItWasAskedFor() {
    InflightArea question =
        InflightArea.decode(
            Bytes.wrap(hex("0000000000000000 0000000000000000 0400 8000 00000000")));
    assertThat(question).isEqualTo(new InflightArea(0, 0, 4, 128, true));
    assertThatBytes(
        question.answer(0x2000, 0).encode(),
        "0020000000000000 0000000000000000 0400 8000 00000000");

    InflightArea unpadded =
        InflightArea.decode(Bytes.wrap(hex("0000000000000000 0000000000000000 0400 ffff")));
    assertThat(unpadded.queueSize()).isEqualTo(65_535);
    assertThat(unpadded.answer(1, 2).encode()).hasSize(20);
  }
}
