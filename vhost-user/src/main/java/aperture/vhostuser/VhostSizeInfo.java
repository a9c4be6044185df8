package aperture.vhostuser;

/**
 * The size of what a server has.
 *
 * @param name its name
 * @param bytes its size by now, in whole blocks
 * @param guest what becomes of a guest: {@code is told}, {@code learns at its next reset} from a
 *     front end that cannot be told, {@code is none} when no front end is connected, or {@code
 *     needs no word} when nothing changed
 */
public record VhostSizeInfo(String name, long bytes, String guest) {}
