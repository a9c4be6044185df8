package aperture.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who judges an experiment shares no code with who decided. */
class JudgeRulesTest {

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("aperture.core.internal", "aperture.access");

  @Test
  void theJudgeSeesOnlyWhatWasSeen() {
    classes()
        .that()
        .haveNameMatching("aperture\\.core\\.internal\\.policy\\.(Judge|Judge\\$Verdict|Evidence)")
        .should()
        .onlyDependOnClassesThat()
        .haveNameMatching(
            "java\\..*|org\\.jspecify\\..*"
                + "|aperture\\.admin\\.Outcome|aperture\\.virtio\\.DriverStatus(\\$State)?"
                + "|aperture\\.core\\.internal\\.policy\\.(Judge|Judge\\$.*|Evidence)")
        .check(CORE);
  }

  @Test
  void theDecisionKnowsNoExperiment() {
    noClasses()
        .that()
        .resideInAPackage("aperture.access..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("aperture.core..")
        .check(CORE);
  }
}
