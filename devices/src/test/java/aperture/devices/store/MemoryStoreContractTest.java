package aperture.devices.store;

import aperture.block.BlockStoreType;
import aperture.testkit.BlockStoreContractTest;
import java.util.Map;

class MemoryStoreContractTest extends BlockStoreContractTest {

  @Override
  protected BlockStoreType type() {
    return new MemoryStoreType();
  }

  @Override
  protected Map<String, String> options(long capacity) {
    return Map.of("size", Long.toString(capacity));
  }

  @Override
  protected boolean resizable() {
    return true;
  }
}
