package aperture.devices.blk;

import static aperture.devices.blk.BlkFixture.SECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.devices.Requests;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlkAllocationTest {

  private static final int ROUNDS = 20_000;

  @TempDir Path folder;

  @Test
  void serving_requests_allocates_nothing() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 0)) {
      com.sun.management.ThreadMXBean threads =
          (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      Requests requests = disk.requests;
      byte[] header = new byte[16];
      byte[] write = new byte[16 + SECTOR];
      ByteBuffer.wrap(write).order(ByteOrder.LITTLE_ENDIAN).putInt(BlkRequestLayout.TYPE_OUT);
      requests.add(header, SECTOR + 1);
      requests.add(write, 1);
      serve(disk, ROUNDS);
      long before = threads.getCurrentThreadAllocatedBytes();
      serve(disk, ROUNDS);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(disk.count("reads")).isEqualTo(2 * ROUNDS);
      assertThat(disk.count("io-errors")).isZero();
      // Far less than one object per request; the compiler's own work may show a little.
      assertThat(allocated / (2.0 * ROUNDS)).as("bytes per request").isLessThan(8);
    }
  }

  /** Serves the same batch again and again, its chains rewound as a queue would. */
  private static void serve(BlkFixture disk, int rounds) {
    for (int i = 0; i < rounds; i++) {
      disk.requests.batch().chain(0).ready(1, 16, SECTOR + 1);
      disk.requests.batch().chain(1).ready(1, 16 + SECTOR, 1);
      disk.device.process(0, disk.requests.batch());
    }
  }
}
