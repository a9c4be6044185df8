package aperture.arch.x86.amdvi;

/**
 * One endpoint's address space as the table driver sees it; all of it can be read again from the
 * device table entry and the ledger.
 *
 * @param requesterId whose device table entry it stands in
 * @param id domain id
 * @param root guest-physical address of the page table
 * @param levels of that table
 * @param iovas what is handed out
 */
record AmdViDomain(int requesterId, int id, long root, int levels, AmdViIovas iovas) {

  /** The same address space under a table of more levels. */
  AmdViDomain under(long newRoot, int newLevels) {
    return new AmdViDomain(requesterId, id, newRoot, newLevels, iovas);
  }
}
