package aperture.admin;

/**
 * One thing in which a machine type differs from the next version of its family.
 *
 * @param field name of the field, or of the property
 * @param here its value in this version; empty where a property is absent
 * @param next its value in the next version; empty where a property is absent
 */
public record RowDifference(String field, String here, String next) {}
