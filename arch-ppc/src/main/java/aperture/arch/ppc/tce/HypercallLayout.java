package aperture.arch.ppc.tce;

/**
 * Numbers of the hypervisor interface for TCEs, and of its way to the firmware.
 *
 * <pre>
 *   call               opcode  r4     r5    r6     r7      result
 *   H_GET_TCE          0x01c   liobn  ioba                 r4 = entry
 *   H_PUT_TCE          0x020   liobn  ioba  entry
 *   H_STUFF_TCE        0x138   liobn  ioba  entry  count
 *   H_PUT_TCE_INDIRECT 0x13c   liobn  ioba  list   count
 *   H_RTAS             0xf000  block
 * </pre>
 *
 * <p>r3 holds the opcode on entry and the status on return. A list is a 4 KiB page of big-endian
 * entries.
 *
 * <p>Sources: Linux on Power Architecture Platform Reference, version 1.1, chapter 14, Logical
 * Partitioning Option; Linux 6.1, arch/powerpc/include/asm/hvcall.h; QEMU 7.2,
 * include/hw/ppc/spapr.h, KVMPPC_H_RTAS.
 */
final class HypercallLayout {

  static final long H_GET_TCE = 0x1c;
  static final long H_PUT_TCE = 0x20;
  static final long H_STUFF_TCE = 0x138;
  static final long H_PUT_TCE_INDIRECT = 0x13c;
  static final long H_RTAS = 0xf000;

  /** Places of r3 to r7 in a register file that begins with r3. */
  static final int R3 = 0;

  static final int R4 = 1;
  static final int R5 = 2;
  static final int R6 = 3;
  static final int R7 = 4;

  /** Entries that one list holds. */
  static final int LIST_ENTRIES = 512;

  /** A list begins on a page of this size. */
  static final long LIST_PAGE = 4096;

  private HypercallLayout() {}
}
