package aperture.dma;

import aperture.iommu.Access;
import aperture.memory.GuestMemory;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The device face in one worker's hands. A worker goes through batches:
 *
 * <ol>
 *   <li>{@link #begin}: the worker is <em>online</em>; false means revoked, so it parks;
 *   <li>{@link #translate} for every ring and buffer of the batch: short, bounded work;
 *   <li>{@link #hold}: what was translated is published as leased;
 *   <li>the I/O itself, however long it takes;
 *   <li>{@link #end}: everything is released, the worker is <em>offline</em>.
 * </ol>
 *
 * <p>An invalidation first removes cached translations, then waits for each worker that is between
 * {@code begin} and {@code hold}, then for each whose published leases overlap. It never waits for
 * the calling thread's own session. A revoke waits for everybody who is online.
 *
 * <p>Belongs to one thread. No method allocates in the good case.
 */
@ProviderType
public interface DmaSession extends AutoCloseable {

  /**
   * Starts a batch.
   *
   * @return false when the right to translate is revoked or the endpoint is closed
   */
  boolean begin();

  /**
   * Translates a range and appends host ranges to {@code out}.
   *
   * @param iova first byte, in the address space that the session uses
   * @param length bytes, at least 1
   */
  TranslateStatus translate(long iova, long length, Access access, DmaRanges out);

  /** What {@link #translateCached} returns when the range is to be given to {@link #translate}. */
  long NOT_CACHED = -1;

  /**
   * Translates a range that is at hand and lies together: no walk, no fault, no list. Short enough
   * to disappear into the loop that calls it.
   *
   * @param iova first byte, in the address space that the session uses
   * @param length bytes; nothing less than 1 is ever cached
   * @param need {@link Access#bit} of the access
   * @return host offset of the first byte, or {@link #NOT_CACHED}
   */
  long translateCached(long iova, long length, int need);

  /** Publishes what this batch translated; no {@link #translate} after it until {@link #end}. */
  void hold();

  /** Ends the batch and releases its leases. */
  void end();

  /**
   * Turns everything held by this batch into a lease that outlives it. Call between {@link #hold}
   * and {@link #end}.
   */
  Lease retain();

  /** Why the last {@link #translate} returned {@link TranslateStatus#FAULT}. */
  Optional<DmaFault> fault();

  /**
   * Whether translations made in earlier batches may have changed: one flag read. Rings translated
   * before must be translated again when it moves.
   */
  long generation();

  /**
   * Blocks until the session may {@link #begin} again or {@code wake} is called. Returns at once
   * when it may.
   */
  void awaitGrant() throws InterruptedException;

  /**
   * Blocks until an answer may have come that the last {@link #translate} was waiting for when it
   * returned {@link TranslateStatus#RESTART}. Returns at once when it waited for none, and when the
   * session may not wait. Call it offline.
   */
  void awaitAnswer() throws InterruptedException;

  /** The memory that host offsets point into. */
  GuestMemory memory();

  /** Ends the session for good. */
  @Override
  void close();
}
