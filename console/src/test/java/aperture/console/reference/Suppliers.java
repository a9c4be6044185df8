package aperture.console.reference;

import aperture.core.Aperture;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineDefaults;
import aperture.virtio.DriverKind;
import aperture.virtio.VirtioDeviceType;
import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/**
 * The components of architectures, devices and guests on the class path, found as a framework would
 * find them: by their annotation, so that a new one is not forgotten here.
 */
public final class Suppliers {

  private static final String[] BUNDLES = {"aperture.arch", "aperture.devices", "aperture.guest"};

  private final List<JavaClass> components;

  private Suppliers(List<JavaClass> components) {
    this.components = components;
  }

  public static Suppliers onClassPath() {
    return ArchConfiguration.withThreadLocalScope(configuration -> {
      // Names of annotations and interfaces are all that is asked for.
      configuration.setResolveMissingDependenciesFromClassPath(false);
      return new Suppliers(
          new ClassFileImporter()
              .importPackages(BUNDLES).stream()
                  .filter(type -> type.isAnnotatedWith(Component.class))
                  .sorted(Comparator.comparing(JavaClass::getName))
                  .toList());
    });
  }

  /** Every IOMMU kind, by name. */
  List<IommuBehavior> behaviors() {
    return made(IommuBehavior.class).sorted(Comparator.comparing(IommuBehavior::kind)).toList();
  }

  /** The engine with all of them, as it is in a framework. */
  public Aperture engine() {
    Aperture engine = Aperture.standalone();
    made(VirtioDeviceType.class).forEach(engine::deviceType);
    made(DriverKind.class).forEach(engine::driverKind);
    made(IommuBehavior.class).forEach(engine::behavior);
    components(MachineDefaults.class)
        .forEach(type ->
            engine.family(
                (MachineDefaults) make(type), property(type, MachineDefaults.ARCH_PROPERTY)));
    return engine;
  }

  private Stream<JavaClass> components(Class<?> service) {
    return components.stream().filter(type -> type.isAssignableTo(service));
  }

  private <S> Stream<S> made(Class<S> service) {
    return components(service).map(Suppliers::make).map(service::cast);
  }

  private static Object make(JavaClass type) {
    try {
      return type.reflect().getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " cannot be made", e);
    }
  }

  /** What the component's annotation says of a service property. */
  private static String property(JavaClass type, String name) {
    JavaAnnotation<JavaClass> component = type.getAnnotationOfType(Component.class.getName());
    String start = name + "=";
    return Arrays.stream((String[]) component.get("property").orElseThrow())
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(type.getName() + " says no " + name));
  }
}
