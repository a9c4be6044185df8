package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;

/**
 * Edits the stream table as a kernel does: a second-level table per bus, made when its first
 * endpoint attaches, every other entry in it aborting.
 *
 * <p>Source: Linux 6.1, drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, arm_smmu_init_l2_strtab and
 * arm_smmu_write_strtab_ent.
 */
final class StreamTableEditor {

  static final long NOT_FOUND = -1;

  private final GuestMemory memory;
  private final PageAllocator pages;
  private final RegisterView view;
  private final CommandWriter commands;
  private final WalkResult scratch = WalkResult.withoutSteps();

  StreamTableEditor(
      GuestMemory memory, PageAllocator pages, RegisterView view, CommandWriter commands) {
    this.memory = memory;
    this.pages = pages;
    this.view = view;
    this.commands = commands;
  }

  /** Whether the SMMU runs and the stream table has room for the endpoint's id. */
  boolean covers(Endpoint endpoint) {
    SmmuConfiguration c = view.current();
    return c.enabled() && Integer.toUnsignedLong(endpoint.requesterId()) >>> c.streamBits() == 0;
  }

  /** The context that the endpoint's entry leads to, or {@link #NOT_FOUND}. */
  long context(Endpoint endpoint) {
    long entry = entry(endpoint);
    if (entry == NOT_FOUND) {
      return NOT_FOUND;
    }
    long dword0 = memory.getLe64(entry);
    return StreamEntryLayout.valid(dword0)
            && StreamEntryLayout.config(dword0) == StreamEntryLayout.CONFIG_STAGE_1
        ? StreamEntryLayout.contextPointer(dword0)
        : NOT_FOUND;
  }

  /** Makes sure that the endpoint has an entry; false when memory is used up. */
  boolean prepare(Endpoint endpoint) {
    if (entry(endpoint) != NOT_FOUND) {
      return true;
    }
    SmmuConfiguration c = view.current();
    long descriptor = descriptor(c, endpoint);
    if (descriptor == NOT_FOUND) {
      return false;
    }
    long bytes = secondLevelBytes(c);
    long table = pages.allocate(bytes, bytes);
    if (table == PageAllocator.NO_MEMORY) {
      return false;
    }
    long first = memory.offsetOf(table, bytes);
    for (long at = first; at < first + bytes; at += StreamEntryLayout.BYTES) {
      memory.putLe64(at + Long.BYTES, StreamEntryLayout.ABORT_1);
      memory.putLe64(at, StreamEntryLayout.ABORT_0);
    }
    VarHandle.releaseFence();
    memory.putLe64(descriptor, StreamTableLayout.descriptor(table, c.split() + 1));
    return true;
  }

  /** Lets the endpoint translate through a context. */
  void install(Endpoint endpoint, long context) {
    write(endpoint, StreamEntryLayout.stage1(context), StreamEntryLayout.STAGE_1_1);
  }

  /** Lets everything of the endpoint pass. */
  void bypass(Endpoint endpoint) {
    write(endpoint, StreamEntryLayout.BYPASS_0, StreamEntryLayout.BYPASS_1);
  }

  /** Whether everything of the endpoint passes. */
  boolean bypasses(Endpoint endpoint) {
    long entry = entry(endpoint);
    return entry != NOT_FOUND && memory.getLe64(entry) == StreamEntryLayout.BYPASS_0;
  }

  /** Aborts whatever the endpoint does. */
  void abort(Endpoint endpoint) {
    write(endpoint, StreamEntryLayout.ABORT_0, StreamEntryLayout.ABORT_1);
  }

  private void write(Endpoint endpoint, long dword0, long dword1) {
    long entry = entry(endpoint);
    if (entry == NOT_FOUND) {
      return;
    }
    for (int i = 2; i < StreamEntryLayout.DWORDS; i++) {
      memory.putLe64(entry + (long) i * Long.BYTES, 0);
    }
    memory.putLe64(entry + Long.BYTES, dword1);
    // What dword 0 makes valid is seen before it.
    commands.configStream(endpoint.requesterId(), true);
    commands.sync();
    memory.putLe64(entry, dword0);
    commands.configStream(endpoint.requesterId(), true);
    commands.sync();
  }

  /** Frees the endpoint's second-level table when nobody behind it translates. */
  void release(Endpoint endpoint) {
    SmmuConfiguration c = view.current();
    long descriptor = descriptor(c, endpoint);
    if (descriptor == NOT_FOUND || entry(endpoint) == NOT_FOUND) {
      return;
    }
    int span = StreamTableLayout.span(memory.getLe64(descriptor));
    long table = StreamTableLayout.secondLevel(memory.getLe64(descriptor), span);
    long bytes = secondLevelBytes(c);
    long first = memory.offsetOf(table, bytes);
    for (long at = first; at >= 0 && at < first + bytes; at += StreamEntryLayout.BYTES) {
      if (!StreamEntryLayout.aborts(memory.getLe64(at))) {
        return;
      }
    }
    memory.putLe64(descriptor, 0);
    commands.configStream(endpoint.requesterId(), false);
    commands.sync();
    pages.free(table, bytes);
  }

  private static long secondLevelBytes(SmmuConfiguration c) {
    return (long) StreamEntryLayout.BYTES << c.split();
  }

  /** Host offset of the endpoint's entry. */
  private long entry(Endpoint endpoint) {
    SmmuConfiguration c = view.current();
    if (!c.enabled()) {
      return NOT_FOUND;
    }
    scratch.begin();
    long at = StreamTable.find(c, memory, endpoint.requesterId(), scratch);
    if (at == StreamTable.NOT_FOUND) {
      return NOT_FOUND;
    }
    return memory.offsetOf(at, StreamEntryLayout.BYTES);
  }

  /** Host offset of the endpoint's first-level descriptor. */
  private long descriptor(SmmuConfiguration c, Endpoint endpoint) {
    if (!c.twoLevelStreams()) {
      return NOT_FOUND;
    }
    long index = Integer.toUnsignedLong(endpoint.requesterId()) >>> c.split();
    return memory.offsetOf(
        c.streamTable() + index * StreamTableLayout.DESCRIPTOR_BYTES,
        StreamTableLayout.DESCRIPTOR_BYTES);
  }
}
