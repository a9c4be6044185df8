package aperture.rules.planted.core.internal;

/** Stands for the engine. */
public final class Engine {}
