package aperture.arch.x86.vtd;

/** What the structures are called that a walk notes and people see decoded. */
final class StructureNames {

  static final String ROOT_ENTRY = "root entry";
  static final String CONTEXT_ENTRY = "context entry";
  static final String CONTEXT_HIGH = "context entry, high half";
  static final String SCALABLE_ROOT = "scalable root entry";
  static final String SCALABLE_CONTEXT = "scalable context entry";
  static final String SCALABLE_CONTEXT_1 = "scalable context entry, word 1";
  static final String PASID_DIRECTORY = "PASID directory entry";
  static final String PASID_ENTRY = "PASID entry";
  static final String PASID_ENTRY_1 = "PASID entry, word 1";
  static final String PASID_ENTRY_2 = "PASID entry, word 2";
  static final String FIRST_LEVEL = "first-level entry, level ";
  static final String SECOND_LEVEL = "second-level entry, level ";

  private static final String[] FIRST_LEVELS = levels(FIRST_LEVEL);
  private static final String[] SECOND_LEVELS = levels(SECOND_LEVEL);

  private StructureNames() {}

  private static String[] levels(String prefix) {
    String[] names = new String[SecondLevelLayout.MAX_LEVELS + 1];
    for (int level = 0; level < names.length; level++) {
      names[level] = prefix + level;
    }
    return names;
  }

  static String firstLevel(int level) {
    return FIRST_LEVELS[level];
  }

  static String secondLevel(int level) {
    return SECOND_LEVELS[level];
  }
}
