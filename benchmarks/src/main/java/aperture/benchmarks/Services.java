package aperture.benchmarks;

import aperture.iommu.IommuBehavior;
import aperture.machine.MachineDefaults;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.Manifest;

/**
 * What the bundles on the class path supply, made as a framework would make it: of each class that
 * a manifest names as a component, one. So no kind and no family is forgotten here.
 */
final class Services {

  private static final String MANIFEST = "META-INF/MANIFEST.MF";
  private static final String COMPONENTS = "Service-Component";
  private static final String DESCRIPTION_FOLDER = "OSGI-INF/";
  private static final String DESCRIPTION_SUFFIX = ".xml";

  private Services() {}

  static List<IommuBehavior> behaviors() throws Exception {
    return of(IommuBehavior.class);
  }

  static List<MachineDefaults> families() throws Exception {
    return of(MachineDefaults.class);
  }

  private static <S> List<S> of(Class<S> type) throws Exception {
    List<S> services = new ArrayList<>();
    for (String name : components()) {
      Class<?> component = Class.forName(name);
      if (type.isAssignableFrom(component)) {
        services.add(type.cast(component.getConstructor().newInstance()));
      }
    }
    if (services.isEmpty()) {
      throw new IllegalStateException("no bundle on the class path supplies " + type.getName());
    }
    return services;
  }

  private static List<String> components() throws IOException {
    List<String> names = new ArrayList<>();
    ClassLoader loader = Services.class.getClassLoader();
    for (URL url : Collections.list(loader.getResources(MANIFEST))) {
      try (var stream = url.openStream()) {
        String header = new Manifest(stream).getMainAttributes().getValue(COMPONENTS);
        if (header != null) {
          for (String description : header.split(",", -1)) {
            names.add(className(description.strip()));
          }
        }
      }
    }
    return names;
  }

  /** The description of a component is named after its class. */
  private static String className(String description) {
    return description.substring(
        DESCRIPTION_FOLDER.length(), description.length() - DESCRIPTION_SUFFIX.length());
  }
}
