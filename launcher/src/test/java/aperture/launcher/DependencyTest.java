package aperture.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The launcher's classes")
class DependencyTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("aperture.launcher");

  @Test
  @DisplayName("outside the framework know the JDK, the OSGi API and the parser, and nothing else")
  void processSide() {
    classes()
        .that()
        .resideInAPackage("aperture.launcher")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "aperture.launcher",
            "aperture.launcher.outcome",
            "java..",
            "org.osgi.framework..",
            "org.jspecify..",
            "picocli..")
        .check(MAIN);
  }

  @Test
  @DisplayName("inside the framework know Gogo as well, but not the process")
  void frameworkSide() {
    classes()
        .that()
        .resideInAPackage("aperture.launcher.shell")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "aperture.launcher.shell",
            "aperture.launcher.outcome",
            "java..",
            "org.apache.felix.gogo.runtime..",
            "org.apache.felix.service.command..",
            "org.osgi..",
            "org.jspecify..")
        .check(MAIN);
  }

  @Test
  @DisplayName("take any framework that the service loader finds")
  void anyFramework() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.felix.framework..")
        .check(MAIN);
  }
}
