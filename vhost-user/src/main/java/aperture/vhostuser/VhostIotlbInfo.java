package aperture.vhostuser;

/**
 * Translations, of all connections so far.
 *
 * @param hits found in the cache
 * @param misses asked of the front end
 * @param refused answered with a failure
 * @param updates translations received
 * @param invalidations invalidations received
 * @param entries translations kept now
 * @param missMeanMicros mean time of a question, in microseconds
 * @param missMaxMicros longest time of a question
 * @param invalidationMeanMicros mean time of an invalidation
 * @param invalidationMaxMicros longest time of an invalidation
 * @param audited pages that requests used, counted while an audit looks on
 * @param stale those of them that no translation meant any more: never any
 */
public record VhostIotlbInfo(
    long hits,
    long misses,
    long refused,
    long updates,
    long invalidations,
    long entries,
    long missMeanMicros,
    long missMaxMicros,
    long invalidationMeanMicros,
    long invalidationMaxMicros,
    long audited,
    long stale) {}
