package aperture.rules.planted.virtio;

/** Stands for a package above. */
public final class Upper {}
