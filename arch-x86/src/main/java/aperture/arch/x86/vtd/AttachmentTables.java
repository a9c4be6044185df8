package aperture.arch.x86.vtd;

import aperture.iommu.IommuException;
import org.jspecify.annotations.Nullable;

/**
 * The operating system's hand on the structures between the root table and the second-level tables.
 * Nothing is remembered beside them. Used under the lock of the machine's IOMMU; hardware walks at
 * the same time.
 */
sealed interface AttachmentTables permits ContextTables, PasidTables {

  /** What {@link #clear} returns when it took no table away. */
  long NO_TABLES = 0;

  /** What is said of a requester; null when it has no context entry that is present. */
  @Nullable Attachment read(int requesterId);

  /**
   * Attaches a requester that has no context entry, with the tables that are missing for it.
   *
   * @throws IommuException when memory for tables is used up; nothing changed then
   */
  void set(int requesterId, Attachment attachment) throws IommuException;

  /**
   * Takes away what is said of a requester, and the tables that are of no use without it.
   *
   * @return chain of those tables; the caller invalidates, and then gives them back
   */
  long clear(int requesterId);
}
