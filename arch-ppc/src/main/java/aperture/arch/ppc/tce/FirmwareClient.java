package aperture.arch.ppc.tce;

import aperture.memory.GuestMemory;

/** The kernel's half of a firmware call: writes the argument block, calls, reads the results. */
final class FirmwareClient {

  private final GuestMemory memory;
  private final RtasCalls firmware;

  FirmwareClient(GuestMemory memory, RtasCalls firmware) {
    this.memory = memory;
    this.firmware = firmware;
  }

  /**
   * Calls.
   *
   * @param block guest-physical address of a place for the argument block
   * @param results how many results are wanted, the status first
   * @return the results; a hardware error as the status when the block is not in memory
   */
  int[] call(long block, int token, int results, int... arguments) {
    int cells = RtasLayout.ARGUMENTS + arguments.length + results;
    int[] answer = new int[results];
    long at = memory.offsetOf(block, RtasLayout.at(cells));
    if (at == GuestMemory.NOT_MEMORY) {
      answer[0] = RtasStatus.HARDWARE;
      return answer;
    }
    memory.putBe32(at + RtasLayout.at(RtasLayout.TOKEN), token);
    memory.putBe32(at + RtasLayout.at(RtasLayout.NARGS), arguments.length);
    memory.putBe32(at + RtasLayout.at(RtasLayout.NRET), results);
    for (int i = 0; i < arguments.length; i++) {
      memory.putBe32(at + RtasLayout.at(RtasLayout.ARGUMENTS + i), arguments[i]);
    }
    firmware.call(block);
    for (int i = 0; i < results; i++) {
      answer[i] = memory.getBe32(at + RtasLayout.at(RtasLayout.ARGUMENTS + arguments.length + i));
    }
    return answer;
  }
}
