package aperture.itest.stranger;

import aperture.block.BlockStoreType;
import aperture.testkit.BlockStoreContractTest;
import java.util.Map;
import tern.store.PackedStoreType;

class PackedStoreContractTest extends BlockStoreContractTest {

  @Override
  protected BlockStoreType type() {
    return new PackedStoreType();
  }

  @Override
  protected Map<String, String> options(long capacity) {
    return Map.of("mebibytes", Long.toString(capacity >> 20));
  }

  @Override
  protected boolean resizable() {
    return false;
  }
}
