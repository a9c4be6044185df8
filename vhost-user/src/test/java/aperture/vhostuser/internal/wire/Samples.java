package aperture.vhostuser.internal.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Payloads and descriptor counts that a row of the table allows. */
final class Samples {

  private Samples() {}

  /** A payload, and how many descriptors come with it. */
  @SuppressWarnings("ArrayRecordComponent")
  record Sample(byte[] payload, int fds) {
    @Override
    public String toString() {
      return payload.length + " bytes, " + fds + " descriptors";
    }
  }

  /** Every size that matters of a payload kind, with every number of descriptors that fits. */
  static List<Sample> of(Payload kind, Request.Fds count) {
    List<Sample> samples = new ArrayList<>();
    for (byte[] payload : payloads(kind)) {
      for (int fds = count.min(); fds <= count.max(); fds++) {
        if (agrees(kind, payload, fds)) {
          samples.add(new Sample(payload, fds));
        }
      }
    }
    return samples;
  }

  private static boolean agrees(Payload kind, byte[] payload, int fds) {
    try {
      kind.check(Bytes.wrap(payload), fds);
      return true;
    } catch (ProtocolException e) {
      return false;
    }
  }

  private static List<byte[]> payloads(Payload kind) {
    return switch (kind) {
      case NONE -> List.of(new byte[0]);
      case U64 -> List.of(Bytes.ofLong(0x0123_4567_89ab_cdefL));
      case VRING_STATE -> List.of(new VringState(3, 1024).encode());
      case VRING_ADDRESS -> List.of(new VringAddress(1, 1, 2, 3, 4, 5).encode());
      case VRING_FILE ->
          List.of(new VringFile(255, true).encode(), new VringFile(7, false).encode());
      case VRING_AREA ->
          List.of(
              new VringArea(new VringFile(1, true), 4096, 8192).encode(),
              new VringArea(new VringFile(1, false), 0, 0).encode());
      case MEMORY_TABLE -> List.of(table(0), table(1), table(8), table(RegionLayout.MAX_REGIONS));
      case SINGLE_REGION -> List.of(new RegionMessage(1, 2, 3, 4).encode());
      case LOG -> List.of(new LogArea(5, 6).encode());
      case IOTLB -> {
        List<byte[]> all = new ArrayList<>();
        for (IotlbMessage.Type type : IotlbMessage.Type.values()) {
          all.add(new IotlbMessage(type, 1L << 63, -1, 7, 3).encode());
        }
        yield all;
      }
      case CONFIG ->
          List.of(
              new ConfigMessage(0, 0, new byte[0]).encode(),
              new ConfigMessage(0, 1, random(57)).encode(),
              new ConfigMessage(7, 0, random(ConfigLayout.MAX_BYTES)).encode());
      case INFLIGHT ->
          List.of(
              new InflightArea(0, 0, 65_535, 128, true).encode(),
              new InflightArea(1, 2, 3, 4, false).encode());
      case DEVICE_STATE -> List.of(random(8));
      case UUID -> List.of(random(16));
      case OPAQUE -> List.of(new byte[0], random(777), random(HeaderLayout.MAX_PAYLOAD));
    };
  }

  private static byte[] table(int regions) {
    List<RegionMessage> all = new ArrayList<>();
    for (int i = 0; i < regions; i++) {
      all.add(new RegionMessage(i, i + 1, i + 2, i + 3));
    }
    return new MemoryTable(all).encode();
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** A frame as it is on the wire. */
  static byte[] frame(int id, int flags, int size, byte[] payload) {
    byte[] frame = new byte[HeaderLayout.LENGTH + payload.length];
    Bytes.wrap(frame).putInt(id).putInt(flags).putInt(size).put(payload);
    return frame;
  }

  static byte[] frame(int id, int flags, byte[] payload) {
    return frame(id, flags, payload.length, payload);
  }
}
