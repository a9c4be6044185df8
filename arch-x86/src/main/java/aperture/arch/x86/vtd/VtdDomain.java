package aperture.arch.x86.vtd;

/**
 * One endpoint's address space as the table driver sees it; all of it can be read again from the
 * context entry and the ledger.
 *
 * @param requesterId whose context entry it stands in
 * @param id domain id
 * @param root guest-physical address of the second-level table
 * @param levels of that table
 * @param width bits of the address space
 * @param iovas what is handed out
 */
record VtdDomain(int requesterId, int id, long root, int levels, int width, VtdIovas iovas) {}
