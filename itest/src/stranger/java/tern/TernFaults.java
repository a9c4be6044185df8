package tern;

import aperture.iommu.FaultKind;

/** Why an access does not translate. */
enum TernFaults {
  DISABLED(1, FaultKind.BLOCKED, "the bridge does not translate"),
  NO_REQUESTER(2, FaultKind.BLOCKED, "the root entry is not valid"),
  IOVA_SIZE(3, FaultKind.ADDRESS_SIZE, "the address has more than 36 bits"),
  NO_TABLE(4, FaultKind.UNMAPPED, "the directory entry is not valid"),
  NO_PAGE(5, FaultKind.UNMAPPED, "the table entry allows nothing"),
  NO_READ(6, FaultKind.DENIED, "the table entry does not allow reading"),
  NO_WRITE(7, FaultKind.DENIED, "the table entry does not allow writing"),
  TABLE_ACCESS(8, FaultKind.TABLE_READ, "an entry lies outside of memory");

  private final int code;
  private final FaultKind kind;
  private final String text;

  TernFaults(int code, FaultKind kind, String text) {
    this.code = code;
    this.kind = kind;
    this.text = text;
  }

  int code() {
    return code;
  }

  FaultKind kind() {
    return kind;
  }

  String text() {
    return text;
  }
}
