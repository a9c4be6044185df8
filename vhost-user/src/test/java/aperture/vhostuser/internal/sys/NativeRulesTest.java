package aperture.vhostuser.internal.sys;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.testkit.BundleRules;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Nobody but one package links functions, or makes memory out of numbers. */
class NativeRulesTest {

  private static final String SYS = "aperture.vhostuser.internal.sys";

  private static final JavaClasses MAIN =
      new ClassFileImporter().importPath(BundleRules.mainClasses(NativeRulesTest.class));

  private static ArchRule linksNothing(String except) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(except)
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor)(\\$.*)?")
        .allowEmptyShould(true);
  }

  private static ArchRule makesNoMemory(String except) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(except)
        .should()
        .callMethod(MemorySegment.class, "ofAddress", long.class)
        .orShould()
        .callMethod(MemorySegment.class, "reinterpret", long.class, Arena.class, Consumer.class)
        .orShould()
        .callMethod(MemorySegment.class, "reinterpret", long.class)
        .allowEmptyShould(true);
  }

  @Test
  void functionsAreLinkedInOnePackage() {
    linksNothing(SYS).check(MAIN);
    assertThat(linksNothing("nowhere").evaluate(MAIN).hasViolation())
        .as("the rule sees that package itself")
        .isTrue();
  }

  @Test
  void addressesBecomeMemoryInOnePackage() {
    makesNoMemory(SYS).check(MAIN);
    assertThat(makesNoMemory("nowhere").evaluate(MAIN).hasViolation())
        .as("the rule sees that package itself")
        .isTrue();
  }
}
