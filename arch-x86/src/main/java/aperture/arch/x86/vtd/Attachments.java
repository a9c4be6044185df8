package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attachments of a machine's requesters, in the structures of the mode that the root table
 * address register is in: after a swap, too, the register decides and no option.
 */
final class Attachments {

  private final VtdRegisterFile registers;
  private final ContextTables contexts;
  private final PasidTables pasids;

  Attachments(IommuState state, VtdRegisterFile registers) {
    this.registers = registers;
    contexts = new ContextTables(registers, state.memory(), state.pages());
    pasids = new PasidTables(registers, state.memory(), state.pages());
  }

  /** Whether they are in PASID entries. */
  boolean scalable() {
    return RootAddressLayout.mode(registers.read(RTADDR)) == RootAddressLayout.TTM_SCALABLE;
  }

  private AttachmentTables tables() {
    return scalable() ? pasids : contexts;
  }

  /** As {@link AttachmentTables#read}. */
  @Nullable Attachment read(int requesterId) {
    return tables().read(requesterId);
  }

  /** Domain ids of some endpoints. */
  BitSet domains(List<Endpoint> endpoints) {
    BitSet used = new BitSet();
    for (Endpoint endpoint : endpoints) {
      Attachment attachment = read(endpoint.requesterId());
      if (attachment != null) {
        used.set(attachment.domain());
      }
    }
    return used;
  }

  /** As {@link AttachmentTables#set}. */
  void set(int requesterId, Attachment attachment) throws IommuException {
    tables().set(requesterId, attachment);
  }

  /** As {@link AttachmentTables#clear}. */
  long clear(int requesterId) {
    return tables().clear(requesterId);
  }
}
