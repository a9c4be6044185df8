package aperture.served;

import aperture.virtqueue.QueueAddresses;
import java.util.List;

/**
 * A queue that a carrier hands over.
 *
 * @param size entries, a power of two
 * @param addresses of the rings, in the address space that was negotiated
 * @param nextAvailable available index to go on from, 16 bits; the used index is read from the ring
 * @param unfinished heads of chains taken by a predecessor and never used, in the order in which to
 *     do them again; they count as taken
 * @param bell how the worker hears of chains
 * @param interrupt tells the driver that chains were used; called by the worker
 * @param journal told about each batch
 */
public record QueueSetup(
    int size,
    QueueAddresses addresses,
    int nextAvailable,
    List<Integer> unfinished,
    QueueBell bell,
    Runnable interrupt,
    QueueJournal journal) {

  public QueueSetup {
    unfinished = List.copyOf(unfinished);
  }
}
