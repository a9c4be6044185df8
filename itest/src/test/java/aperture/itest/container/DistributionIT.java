package aperture.itest.container;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.exam.ApertureDistribution;
import aperture.exam.InContainer;
import java.nio.file.Path;
import java.util.Arrays;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

@InContainer
public class DistributionIT {

  @Inject public BundleContext context;

  @Configuration
  public static Option[] configuration() {
    return new Option[] {
      ApertureDistribution.bundles(Path.of(System.getProperty("aperture.distribution")))
    };
  }

  @Test
  public void everyBundleIsActive() {
    assertThat(context.getBundles())
        .filteredOn(bundle -> bundle.getHeaders().get("Fragment-Host") == null)
        .allSatisfy(
            bundle ->
                assertThat(bundle.getState()).as(bundle.toString()).isEqualTo(Bundle.ACTIVE));
    assertThat(Arrays.stream(context.getBundles()).map(Bundle::getSymbolicName))
        .contains("aperture.core", "aperture.arch.x86");
  }
}
