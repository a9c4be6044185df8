package aperture.vhostuser.testkit;

import aperture.vhostuser.internal.sys.Eventfd;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.VringAddress;
import aperture.vhostuser.internal.wire.VringFile;
import aperture.vhostuser.internal.wire.VringState;
import aperture.virtqueue.QueueAddresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** The queues that a driver set up, as a back end is told of them. */
final class FrontEndVrings {

  private static final int NO_WAIT = 100;

  private final FrontEndLink link;
  private final List<Thread> threads;
  private final List<Vring> vrings = new ArrayList<>();

  /** A queue that the driver set up. */
  private static final class Vring {
    private final int index;
    private final int size;
    private final QueueAddresses addresses;
    private final Eventfd kick = Eventfd.create();
    private final Eventfd call = Eventfd.create();
    private volatile boolean live = true;

    Vring(int index, int size, QueueAddresses addresses) throws IOException {
      this.index = index;
      this.size = size;
      this.addresses = addresses;
    }

    /** The address of the used ring for the log is an IOVA behind an IOMMU, as QEMU sends it. */
    VringAddress message(int flags, boolean translated) {
      return new VringAddress(
          index,
          flags,
          number(addresses.descriptors(), translated),
          number(addresses.device(), translated),
          number(addresses.driver(), translated),
          addresses.device());
    }

    private static long number(long bus, boolean translated) {
      return translated ? bus : FrontEndMemory.user(bus);
    }

    /** Until the queue is forgotten. */
    void listen(IntConsumer interrupted) {
      try {
        while (live) {
          if (call.await(NO_WAIT)) {
            interrupted.accept(index);
          }
        }
      } catch (IOException e) {
        if (live) {
          throw new UncheckedIOException(e);
        }
      }
    }

    void close() {
      live = false;
      kick.close();
      call.close();
    }
  }

  /**
   * @param threads gets a thread for each queue that was handed over; it ends when queues are
   *     forgotten
   */
  FrontEndVrings(FrontEndLink link, List<Thread> threads) {
    this.link = link;
    this.threads = threads;
  }

  void add(int queue, int size, QueueAddresses addresses) throws IOException {
    vrings.add(new Vring(queue, size, addresses));
  }

  boolean has(int queue) {
    return vrings.stream().anyMatch(vring -> vring.index == queue);
  }

  /**
   * Hands all of them over.
   *
   * @param translated whether their addresses are IOVAs
   * @param interrupted is told of a queue's interrupts, on the queue's thread
   */
  void start(boolean translated, IntConsumer interrupted) throws IOException {
    for (Vring vring : vrings) {
      link.tell(FrontEndRequest.SET_VRING_NUM, new VringState(vring.index, vring.size).encode());
      link.tell(FrontEndRequest.SET_VRING_BASE, new VringState(vring.index, 0).encode());
      link.must(FrontEndRequest.SET_VRING_ADDR, vring.message(0, translated).encode());
      byte[] file = new VringFile(vring.index, true).encode();
      link.tell(FrontEndRequest.SET_VRING_CALL, file, vring.call.fd());
      link.must(FrontEndRequest.SET_VRING_KICK, file, vring.kick.fd());
      link.must(FrontEndRequest.SET_VRING_ENABLE, new VringState(vring.index, 1).encode());
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .name("call-" + vring.index)
              .start(() -> vring.listen(interrupted)));
    }
  }

  /** Takes all of them back. */
  void stop() throws IOException {
    for (Vring vring : vrings) {
      link.tell(FrontEndRequest.SET_VRING_ENABLE, new VringState(vring.index, 0).encode());
      link.ask(FrontEndRequest.GET_VRING_BASE, new VringState(vring.index, 0).encode());
    }
  }

  /** Their addresses, for a message of its own. */
  List<VringAddress> addresses(int flags, boolean translated) {
    return vrings.stream().map(vring -> vring.message(flags, translated)).toList();
  }

  void kick(int queue) throws IOException {
    for (int i = 0; i < vrings.size(); i++) {
      if (vrings.get(i).index == queue) {
        vrings.get(i).kick.signal();
      }
    }
  }

  void forget() {
    vrings.forEach(Vring::close);
    vrings.clear();
  }
}
