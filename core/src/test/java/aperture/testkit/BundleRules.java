package aperture.testkit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a bundle may depend on, as rules over its classes and over its manifest. */
public final class BundleRules {
  /** Core's exported packages, lowest layer first. */
  public static final List<String> DOORS =
      List.of(
          "aperture.memory",
          "aperture.access",
          "aperture.iommu",
          "aperture.dma",
          "aperture.machine",
          "aperture.virtqueue",
          "aperture.virtio",
          "aperture.block",
          "aperture.admin",
          "aperture.served");

  /** The JDK and OSGi, and nullness annotations, which leave no trace in a manifest. */
  public static final List<String> PLATFORM =
      List.of("java..", "javax.management..", "jdk.jfr..", "org.osgi..", "org.jspecify..");

  /** Headers that give packages away, or take them from bundles of a certain name. */
  private static final List<String> BANNED_HEADERS =
      List.of("DynamicImport-Package", "Require-Bundle", "Fragment-Host", "Bundle-NativeCode");

  private static final String EXPORTS = "Export-Package";

  private static final Pattern CLAUSE = Pattern.compile("(?:[^,\"]|\"[^\"]*\")+");

  private BundleRules() {}

  /** The main classes of the module that a test class belongs to. */
  public static Path mainClasses(Class<?> test) {
    return testClasses(test).resolveSibling("classes");
  }

  /** The test classes of the module that a test class belongs to. */
  public static Path testClasses(Class<?> test) {
    try {
      return Path.of(test.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads the class files below a folder. */
  public static JavaClasses read(Path folder) {
    return new ClassFileImporter().importPath(folder);
  }

  /** All dependencies lie in the packages listed, in ArchUnit's notation. */
  public static ArchRule dependsOnlyOn(Collection<String> packages) {
    return ArchRuleDefinition.classes()
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(packages.toArray(String[]::new)));
  }

  /** Results are returned and events are logged; nothing is printed. */
  public static ArchRule printsNothing() {
    return GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
  }

  /** Tests wait for a condition, never for a time. */
  public static ArchRule neverSleeps() {
    return noClasses()
        .should(
            callMethodWhere(
                DescribedPredicate.<JavaCall<?>>describe(
                    "the target is Thread.sleep",
                    call ->
                        call.getTargetOwner().isEquivalentTo(Thread.class)
                            && call.getName().equals("sleep"))));
  }

  /** No native calls, neither foreign functions nor JNI, outside the packages listed. */
  public static ArchRule callsNothingNative(Collection<String> except) {
    String[] excepted = except.toArray(String[]::new);
    return CompositeArchRule.of(
            noClasses()
                .that()
                .resideOutsideOfPackages(excepted)
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup)(\\$.*)?")
                .allowEmptyShould(true))
        .and(
            noMethods()
                .that()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackages(excepted)
                .should()
                .haveModifier(JavaModifier.NATIVE)
                .allowEmptyShould(true));
  }

  /** Guest memory is reached through the DMA service alone. */
  public static ArchRule leavesMemoryToDma() {
    return leavesToDma("aperture.memory");
  }

  /** Nothing is called or read in the package that holds guest memory. */
  public static ArchRule leavesToDma(String memory) {
    return noClasses().should().accessClassesThat().resideInAPackage(memory);
  }

  /** What is wrong with the manifest of a bundle that exports nothing; empty if nothing is. */
  public static List<String> offences(Manifest manifest, Collection<String> mayImport) {
    return offences(manifest, mayImport, List.of());
  }

  /**
   * What is wrong with a bundle's manifest; empty if nothing is.
   *
   * @param doors packages that the bundle may export
   */
  public static List<String> offences(
      Manifest manifest, Collection<String> mayImport, Collection<String> doors) {
    Attributes headers = manifest.getMainAttributes();
    List<String> offences = new ArrayList<>();
    for (String header : BANNED_HEADERS) {
      String value = headers.getValue(header);
      if (value != null) {
        offences.add(header + ": " + value);
      }
    }
    packages(headers.getValue(EXPORTS))
        .filter(name -> !doors.contains(name))
        .map(name -> EXPORTS + ": " + name)
        .forEach(offences::add);
    List<PackageMatcher> allowed = mayImport.stream().map(PackageMatcher::of).toList();
    packages(headers.getValue("Import-Package"))
        .filter(name -> allowed.stream().noneMatch(matcher -> matcher.matches(name)))
        .map(name -> "Import-Package: " + name)
        .forEach(offences::add);
    return offences;
  }

  private static Stream<String> packages(String header) {
    if (header == null) {
      return Stream.empty();
    }
    return CLAUSE
        .matcher(header)
        .results()
        .flatMap(clause -> Stream.of(clause.group().split(";", -1)))
        .map(String::strip)
        .filter(part -> part.matches("[\\w.]+"));
  }
}
