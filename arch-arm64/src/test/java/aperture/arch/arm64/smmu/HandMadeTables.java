package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;

/**
 * Tables as a Linux guest leaves them, written number by number; a test changes one of the numbers.
 *
 * <pre>
 *   stream 8 -&gt; context -&gt; level 0 -&gt; level 1 -&gt; level 2 -&gt; level 3
 *   0x0001_0000 page, read and write   -&gt; 0x4020_0000
 *   0x0001_1000 page, read only        -&gt; 0x4020_1000
 *   0x0020_0000 block of 2 MiB         -&gt; 0x4040_0000
 *   0x4000_0000 block of 1 GiB         -&gt; 0x4000_0000
 * </pre>
 */
final class HandMadeTables {

  static final long STREAMS = 0x4010_0000L;
  static final long STREAMS_2 = 0x4011_0000L;
  static final long ENTRY = STREAMS_2 + 8 * 64;
  static final long CONTEXT = 0x4012_0000L;
  static final long LEVEL_0 = 0x4013_0000L;
  static final long LEVEL_1 = 0x4013_1000L;
  static final long LEVEL_2 = 0x4013_2000L;
  static final long LEVEL_3 = 0x4013_3000L;

  static final long PAGE = 0x1_0000L;
  static final long READ_ONLY_PAGE = 0x1_1000L;
  static final long BLOCK = 0x20_0000L;
  static final long GIGABYTE = 0x4000_0000L;

  static final long PAGE_ENTRY = LEVEL_3 + 16 * 8;
  static final long BLOCK_ENTRY = LEVEL_2 + 8;
  static final long GIGABYTE_ENTRY = LEVEL_1 + 8;

  static final long CONTEXT_0 = 0x1_e204_c000_3510L;

  private HandMadeTables() {}

  static Endpoint build(SmmuFixture state) {
    state.set("IDR0", 0x0d40_101aL);
    state.set("IDR1", 0x0273_0010L);
    state.set("IDR3", 0x1404);
    state.set("IDR5", 0x74);
    state.set("CR2", 6);
    state.set("STRTAB_BASE", 0x4000_0000_0000_0000L | STREAMS);
    state.set("STRTAB_BASE_CFG", 0x1_0210);
    state.set("EVENTQ_BASE", 0x4000_0000_4050_0000L | 2);
    state.set("CMDQ_BASE", 0x4000_0000_4051_0000L | 3);
    state.set("CR0", 0xd);
    state.put(STREAMS, STREAMS_2 | 9);
    state.put(ENTRY, CONTEXT | 0xb);
    state.put(ENTRY + 8, 0xd6);
    state.put(CONTEXT, CONTEXT_0);
    state.put(CONTEXT + 8, LEVEL_0);
    state.put(CONTEXT + 24, 0xffff_ffff_f404_ff44L);
    state.put(LEVEL_0, LEVEL_1 | 3);
    state.put(LEVEL_1, LEVEL_2 | 3);
    state.put(GIGABYTE_ENTRY, 0x4000_0f45L);
    state.put(LEVEL_2, LEVEL_3 | 3);
    state.put(BLOCK_ENTRY, 0x4040_0f45L);
    state.put(PAGE_ENTRY, 0x4020_0f47L);
    state.put(PAGE_ENTRY + 8, 0x4020_1fc7L);
    return state.addEndpoint(8);
  }
}
