package aperture.vhostuser.internal.session;

import aperture.served.ServedDevice;
import aperture.vhostuser.VhostGuest;
import aperture.vhostuser.internal.iotlb.AccessAudit;
import aperture.vhostuser.internal.iotlb.Asker;
import aperture.vhostuser.internal.iotlb.IotlbCounters;
import aperture.vhostuser.internal.wire.Channel;
import aperture.vhostuser.internal.wire.Disconnected;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.ProtocolFeature;
import aperture.vhostuser.internal.wire.ProtocolFeatures;
import aperture.vhostuser.internal.wire.Received;
import aperture.vhostuser.internal.wire.UnknownMessage;
import aperture.virtio.FeatureSet;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection: reads messages in order, has each done, answers. Everything that it opened is
 * closed when it ends, whatever ended it.
 *
 * <p>{@link #run} belongs to the control thread; {@link #shutdown} and what is for people may be
 * called by any.
 */
public final class Session implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Session.class.getName());

  private final ServedDevice device;
  private final Channel channel;
  private final Agreement agreement;
  private final Asker asker;
  private final ConfigNews news;
  private final Memory memory;
  private final Rings rings;
  private final Map<FrontEndRequest, Handler> handlers;
  private volatile FeatureSet ackedForPeople = FeatureSet.NONE;
  private volatile ProtocolFeatures protocolForPeople = ProtocolFeatures.NONE;

  /**
   * @param channel closed with the session
   * @param audit looks on; null for none
   */
  public Session(ServedDevice device, Channel channel, @Nullable AccessAudit audit) {
    this.device = device;
    this.channel = channel;
    this.agreement = new Agreement(device);
    this.asker = new Asker(device.id(), channel, audit);
    this.news = new ConfigNews(device.id(), channel);
    this.memory = new Memory(device);
    this.rings = new Rings(device, agreement, memory, asker.iotlb(), audit);
    this.handlers =
        Handlers.all(
            new FeatureHandlers(device, agreement, rings, memory),
            new MemoryHandlers(rings, memory, asker.iotlb()),
            new RingHandlers(device, agreement, rings, asker.iotlb()),
            new ConfigHandlers(device),
            new TrackingHandlers(device, rings),
            new LinkHandlers(channel, memory.regions(), asker.iotlb()));
    device.onConfigChange(this::configChanged);
  }

  /** Serves the connection until the peer is gone, breaks the protocol, or is shut down. */
  public void run() {
    try {
      while (step()) {
        ackedForPeople = agreement.acked();
        protocolForPeople = agreement.protocol();
      }
      LOG.log(Level.INFO, "{0}: front end disconnected", device.id());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "{0}: connection ends: {1}", device.id(), e.getMessage());
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, device.id() + ": connection ends by a failure of the host", e);
    }
  }

  private boolean step() throws IOException {
    Received<FrontEndRequest> received = channel.receive();
    return switch (received) {
      case Disconnected<FrontEndRequest> gone -> false;
      case UnknownMessage<FrontEndRequest> unknown -> {
        refuse(unknown);
        yield true;
      }
      case Message<FrontEndRequest> message -> {
        try (message) {
          serve(message);
        }
        yield true;
      }
    };
  }

  private void refuse(UnknownMessage<FrontEndRequest> message) throws IOException {
    if (!message.asksForReply() || !agreement.protocol().has(ProtocolFeature.REPLY_ACK)) {
      throw new RefusedException("message %d is not known".formatted(message.id()));
    }
    channel.writer().refuse(message);
  }

  private void serve(Message<FrontEndRequest> message) throws IOException {
    LOG.log(Level.DEBUG, "{0}: {1}", device.id(), message);
    // Decided before: the message may change what is agreed upon.
    boolean acknowledged = message.acknowledged(agreement.protocol());
    long status = 0;
    try {
      Optional<String> objection = agreement.objection(message.request());
      Handler handler = handlers.get(message.request());
      if (objection.isPresent() || handler == null) {
        throw new RefusedException(
            objection.orElse(message.request() + " is nothing that this back end does"));
      }
      handler.handle(message, channel.writer());
    } catch (IOException e) {
      if (!acknowledged) {
        throw e;
      }
      LOG.log(Level.WARNING, "{0}: {1}: {2}", device.id(), message.request(), e.getMessage());
      status = 1;
    }
    if (acknowledged) {
      channel.writer().acknowledge(message.request(), status);
    }
  }

  /** Whether something is done for a message, once it is legal. */
  boolean handles(FrontEndRequest request) {
    return handlers.containsKey(request);
  }

  private void configChanged() {
    if (tellsChanges()) {
      news.changed();
    }
  }

  /** Whether the front end is told when the configuration changes. */
  public boolean tellsChanges() {
    return protocolForPeople.has(ProtocolFeature.CONFIG) && channel.hasBackEndSocket();
  }

  /** Features acked, for people. */
  public FeatureSet acked() {
    return ackedForPeople;
  }

  /** Protocol features agreed upon, for people. */
  public ProtocolFeatures protocol() {
    return protocolForPeople;
  }

  public IotlbCounters iotlb() {
    return asker.iotlb().counters();
  }

  /** A look at the guest, by a thread of its own. */
  public VhostGuest guest() throws IOException {
    return GuestView.open(memory.regions(), asker.iotlb());
  }

  /** Ends {@link #run}, and whatever waits for the front end. */
  public void shutdown() {
    channel.shutdown();
  }

  @Override
  public void close() {
    channel.shutdown();
    asker.close();
    device.onConfigChange(() -> {});
    news.close();
    rings.close();
    device.reset();
    memory.close();
    channel.close();
  }
}
