package aperture.dma;

/**
 * Memory that driver and device share without syncs: rings.
 *
 * @param memory as the guest's processor sees it
 * @param address the address to give to the device
 */
public record CoherentBuffer(GuestBuffer memory, long address) {}
