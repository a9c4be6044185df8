package aperture.vhostuser;

/**
 * A server.
 *
 * @param name its name
 * @param type device type
 * @param socket path, or {@code fd N}
 * @param queues queues of the device
 * @param state {@code listening}, {@code connected}, {@code running} while a queue is served, or
 *     {@code broken}
 * @param offer whether ACCESS_PLATFORM is offered
 * @param offerProvenance who decided that
 * @param connections front ends that have connected so far
 */
public record VhostServerInfo(
    String name,
    String type,
    String socket,
    int queues,
    String state,
    boolean offer,
    String offerProvenance,
    long connections) {}
