package aperture.devices.store;

import aperture.block.BlockStoreType;
import aperture.testkit.BlockStoreContractTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class FileStoreContractTest extends BlockStoreContractTest {

  @TempDir Path folder;

  @Override
  protected BlockStoreType type() {
    return new FileStoreType();
  }

  @Override
  protected Map<String, String> options(long capacity) throws IOException {
    Path file = Files.write(folder.resolve("disk.img"), new byte[(int) capacity]);
    return Map.of("file", file.toString());
  }

  @Override
  protected boolean resizable() {
    return true;
  }
}
