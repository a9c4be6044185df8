package aperture.served;

import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.Resumption;

/**
 * A queue that a carrier hands over.
 *
 * @param size entries, a power of two
 * @param addresses of the rings, in the address space that was negotiated
 * @param nextAvailable available index to go on from, as far as it is known, 16 bits
 * @param resumption tells where to go on when the rings are found
 * @param bell how the worker hears of chains
 * @param interrupt tells the driver that chains were used; called by the worker
 * @param journal told about each batch
 */
public record QueueSetup(
    int size,
    QueueAddresses addresses,
    int nextAvailable,
    Resumption resumption,
    QueueBell bell,
    Runnable interrupt,
    QueueJournal journal) {}
