package aperture.exam;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.ops4j.pax.exam.CoreOptions;

class ContainerExtensionTest {

  @Test
  void aWorkingDirectoryIsRefusedBecauseItWouldBeDeleted() {
    assertThatThrownBy(() ->
            ContainerExtension.refuseWorkingDirectory(
                CoreOptions.composite(CoreOptions.workingDirectory("precious"))))
        .isInstanceOf(ExtensionConfigurationException.class)
        .hasMessageContaining("deleted");
    assertThatCode(() -> ContainerExtension.refuseWorkingDirectory(CoreOptions.cleanCaches()))
        .doesNotThrowAnyException();
  }
}
