package aperture.vhostuser.internal.session;

import static aperture.vhostuser.internal.wire.FrontEndRequest.GET_VRING_BASE;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_VRING_ADDR;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_VRING_BASE;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_VRING_CALL;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_VRING_ENABLE;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_VRING_ERR;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_VRING_KICK;
import static aperture.vhostuser.internal.wire.FrontEndRequest.SET_VRING_NUM;

import aperture.served.ServedDevice;
import aperture.vhostuser.internal.iotlb.FrontEndIotlb;
import aperture.vhostuser.internal.sys.Eventfd;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.MessageWriter;
import aperture.vhostuser.internal.wire.VringAddress;
import aperture.vhostuser.internal.wire.VringFile;
import aperture.vhostuser.internal.wire.VringState;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Set-up, start and stop of rings. */
final class RingHandlers implements Handlers.Group {

  private static final int MOST_INDEX = 0xffff;

  private final ServedDevice device;
  private final Agreement agreement;
  private final Rings rings;
  private final FrontEndIotlb iotlb;

  RingHandlers(ServedDevice device, Agreement agreement, Rings rings, FrontEndIotlb iotlb) {
    this.device = device;
    this.agreement = agreement;
    this.rings = rings;
    this.iotlb = iotlb;
  }

  @Override
  public void addTo(Map<FrontEndRequest, Handler> handlers) {
    handlers.put(SET_VRING_NUM, (m, answers) -> size(VringState.decode(m.payload())));
    handlers.put(SET_VRING_ADDR, (m, answers) -> address(VringAddress.decode(m.payload())));
    handlers.put(SET_VRING_BASE, (m, answers) -> base(VringState.decode(m.payload())));
    handlers.put(GET_VRING_BASE, this::stop);
    handlers.put(SET_VRING_KICK, (m, answers) -> kick(m));
    handlers.put(SET_VRING_CALL, (m, answers) -> ring(m).call(eventfd(m)));
    handlers.put(SET_VRING_ERR, (m, answers) -> ring(m).error(eventfd(m)));
    handlers.put(SET_VRING_ENABLE, (m, answers) -> enable(VringState.decode(m.payload())));
  }

  private Ring stopped(int index) throws RefusedException {
    Ring ring = rings.ring(index);
    if (device.running(index)) {
      throw new RefusedException("queue %d is running".formatted(index));
    }
    return ring;
  }

  private void size(VringState state) throws IOException {
    Ring ring = stopped(state.index());
    int most = device.maxQueueSize(state.index());
    if (state.number() < 1 || state.number() > most || Integer.bitCount(state.number()) != 1) {
      throw new RefusedException(
          "queue %d: size %d is not a power of two up to %d"
              .formatted(state.index(), state.number(), most));
    }
    ring.size(state.number());
    rings.startIfReady(ring);
  }

  private void base(VringState state) throws RefusedException {
    Ring ring = stopped(state.index());
    if (state.number() < 0 || state.number() > MOST_INDEX) {
      throw new RefusedException(
          "queue %d: base %d has more than 16 bits".formatted(state.index(), state.number()));
    }
    ring.base(state.number());
  }

  /**
   * A running ring stays where it is, but may be logged from now on or no more. One that cannot be
   * at the new addresses goes on at the old ones.
   */
  private void address(VringAddress address) throws IOException {
    Ring ring = rings.ring(address.index());
    VringAddress before = ring.address();
    boolean served = device.running(ring.index());
    if (served) {
      rings.pause(ring);
    }
    ring.address(address);
    try {
      rings.startIfReady(ring);
    } catch (IOException e) {
      ring.address(before);
      if (served) {
        rings.resume(ring);
      }
      throw e;
    }
  }

  private void stop(Message<FrontEndRequest> message, MessageWriter answers) throws IOException {
    Ring ring = rings.ring(VringState.decode(message.payload()).index());
    rings.pause(ring);
    ring.disarm();
    if (!rings.anyRunning()) {
      iotlb.rest();
    }
    answers.reply(message.request(), new VringState(ring.index(), ring.base()).encode());
  }

  private void kick(Message<FrontEndRequest> message) throws IOException {
    Ring ring = ring(message);
    Eventfd fresh = eventfd(message);
    boolean served = device.running(ring.index());
    rings.pause(ring);
    ring.kick(fresh);
    iotlb.forgetRefusals();
    if (agreement.enablesAll() && agreement.settled()) {
      ring.enabled(true);
    }
    if (served) {
      rings.resume(ring);
    } else {
      rings.startIfReady(ring);
    }
  }

  private void enable(VringState state) throws IOException {
    Ring ring = rings.ring(state.index());
    if (state.number() != 0 && state.number() != 1) {
      throw new RefusedException("queue %d: enable %d".formatted(state.index(), state.number()));
    }
    ring.enabled(state.number() == 1);
    if (ring.enabled()) {
      rings.startIfReady(ring);
    } else {
      rings.pause(ring);
    }
  }

  private Ring ring(Message<FrontEndRequest> message) throws RefusedException {
    return rings.ring(VringFile.decode(message.payload()).index());
  }

  private static @Nullable Eventfd eventfd(Message<FrontEndRequest> message) throws IOException {
    return message.fds() == 0 ? null : Eventfd.adopt(message.takeFd());
  }
}
