package aperture.devices.rng;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.devices.Requests;
import aperture.devices.Requests.Request;
import aperture.devices.Settings;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RngDeviceTest {

  private static final byte[] NOTHING = {};

  @Test
  void fills_buffers_whatever_their_framing() throws Exception {
    try (VirtioDevice device = new RngDeviceType().create(Settings.of());
        Requests requests = new Requests(4, 11)) {
      device.activate(FeatureSet.NONE);
      Request small = requests.add(NOTHING, 1);
      Request first = requests.add(NOTHING, 10_000);
      Request second = requests.add(NOTHING, 10_000);
      device.process(0, requests.batch());
      assertThat(small.chain().usedLength()).isEqualTo(1);
      assertThat(first.chain().usedLength()).isEqualTo(10_000);
      assertThat(first.written()).isNotEqualTo(second.written());
      // Each byte value is as likely: 10,000 bytes without one of them are next to impossible.
      boolean[] seen = new boolean[256];
      for (byte value : first.written()) {
        seen[value & 0xff] = true;
      }
      assertThat(seen).doesNotContain(false);
      assertThat(device.details()).containsEntry("requests", "3").containsEntry("bytes", "20001");
    }
  }

  @Test
  void one_request_gets_a_bounded_prefix_and_the_rest_stays_as_it_was() throws Exception {
    try (VirtioDevice device = new RngDeviceType().create(Settings.of());
        Requests requests = new Requests(1, 0)) {
      Request large = requests.add(NOTHING, 1 << 20);
      device.process(0, requests.batch());
      assertThat(large.chain().usedLength()).isEqualTo(RngDevice.MOST_BYTES);
      byte[] rest = Arrays.copyOfRange(large.written(), RngDevice.MOST_BYTES, 1 << 20);
      assertThat(rest).containsOnly(0x5a);
    }
  }

  @Test
  void a_chain_without_a_writable_byte_is_malformed() throws Exception {
    try (VirtioDevice device = new RngDeviceType().create(Settings.of());
        Requests requests = new Requests(2, 0)) {
      Request bad = requests.add(new byte[8], 0);
      Request fine = requests.add(NOTHING, 8);
      device.process(0, requests.batch());
      assertThat(bad.chain().malformedReason()).contains("no writable byte");
      assertThat(bad.chain().isCompleted()).isFalse();
      assertThat(fine.chain().usedLength()).isEqualTo(8);
    }
  }

  @Test
  void a_limit_lets_few_bytes_through_but_never_none() throws Exception {
    try (VirtioDevice device =
            new RngDeviceType().create(Settings.of("max-bytes", "100", "period-ms", "3600000"));
        Requests requests = new Requests(3, 0)) {
      Request first = requests.add(NOTHING, 60);
      Request second = requests.add(NOTHING, 60);
      Request third = requests.add(NOTHING, 60);
      device.process(0, requests.batch());
      assertThat(first.chain().usedLength()).isEqualTo(60);
      assertThat(second.chain().usedLength()).isEqualTo(40);
      assertThat(third.chain().usedLength()).isEqualTo(1);
      assertThat(device.details()).containsEntry("limit", "100 bytes in 3600000 ms");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max-bytes | 0 | --max-bytes 0 is out of range",
        "max-bytes | few | --max-bytes few is no number",
        "period-ms | 10 | give --max-bytes too"
      })
  void a_wrong_option_is_named_with_its_cure(String name, String value, String message) {
    assertThatThrownBy(() -> new RngDeviceType().create(Settings.of(name, value)))
        .isInstanceOf(DeviceConfigurationException.class)
        .hasMessageContaining(message);
  }
}
