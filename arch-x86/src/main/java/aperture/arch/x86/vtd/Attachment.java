package aperture.arch.x86.vtd;

/**
 * What the structures in memory say of one requester: how its requests are translated.
 *
 * @param domain id; 0, which no driver hands out, where none is said
 * @param root guest-physical address of the second-level table; 0 without one
 * @param levels of that table; without one, of tables that the unit supports
 */
record Attachment(Type type, int domain, long root, int levels) {

  enum Type {
    /** Through a second-level table. */
    TABLES,
    /** Not at all: an address means itself. */
    PASS_THROUGH,
    /** In a way that this driver does not build. */
    OTHER
  }

  /** Whether the driver can edit what it says: no narrower tables, which have no high part. */
  boolean editable() {
    return type == Type.TABLES
        && levels > ContextEntryLayout.levels(0)
        && levels <= SecondLevelLayout.MAX_LEVELS;
  }
}
