package aperture.console.reference;

import java.util.List;

/**
 * Something said in the discussion, and the test that covers it.
 *
 * @param id its name: A for Andy Lutomirski, B for Ben Herrenschmidt, J for Jan Kiszka, D where
 *     they disagree
 * @param text what is said, in our words; of a disagreement, what is done here
 * @param tests what covers it
 */
record Statement(String id, String text, List<Test> tests) {

  /**
   * A test method.
   *
   * @param module folder of its module
   * @param type full name of its class
   * @param method its name
   * @param row the row of the discussion that is meant, of a method that carries out all; empty for
   *     other methods
   */
  record Test(String module, String type, String method, String row) {

    Test(String module, String type, String method) {
      this(module, type, method, "");
    }

    Test of(String name) {
      return new Test(module, type, method, name);
    }

    String shown() {
      return "%s `%s.%s`%s"
          .formatted(
              module,
              type.substring(type.lastIndexOf('.') + 1),
              method,
              row.isEmpty() ? "" : " for " + row);
    }
  }

  static Statement of(String id, String text, Test... tests) {
    return new Statement(id, text, List.of(tests));
  }
}
