package aperture.core;

import static aperture.core.EchoGuest.ACCESS_PLATFORM;
import static aperture.core.EchoGuest.ACK;
import static aperture.core.EchoGuest.BROKEN;
import static aperture.core.EchoGuest.DRIVER;
import static aperture.core.EchoGuest.FEATURES;
import static aperture.core.EchoGuest.LIVE;
import static aperture.core.EchoGuest.VERSION_1;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.virtio.DeviceStatus;
import aperture.virtio.FeatureSet;
import aperture.virtqueue.QueueAddresses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The device status machine and the registers around it, step by step and out of step. */
class StatusMachineTest {

  private final EchoRig rig = new EchoRig();
  private EchoGuest guest;

  @BeforeEach
  void add() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    guest = rig.add("m", "dev");
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private int write(int status) {
    guest.transport.writeStatus(status);
    return guest.transport.status();
  }

  @Test
  void theOrderOfInitializationIsTheOneOfTheStandard() throws Exception {
    assertThat(guest.transport.status()).isZero();
    assertThat(write(ACK)).isEqualTo(ACK);
    assertThat(write(DRIVER)).isEqualTo(DRIVER);
    guest.accept(FeatureSet.of(VERSION_1, ACCESS_PLATFORM));
    assertThat(write(FEATURES)).isEqualTo(FEATURES);
    guest.makeQueue(guest.platform.dmaApi());
    assertThat(guest.device.activated).isEqualTo(FeatureSet.NONE);
    assertThat(write(LIVE)).isEqualTo(LIVE);
    assertThat(guest.device.activated).isEqualTo(FeatureSet.of(VERSION_1, ACCESS_PLATFORM));
    assertThat(guest.echo((byte) 1)).containsExactly(1);
  }

  @Test
  void featuresBeforeTheDriverBitAreRefused() {
    guest.accept(FeatureSet.of(VERSION_1, ACCESS_PLATFORM));
    write(ACK);

    assertThat(write(ACK | DeviceStatus.FEATURES_OK)).isEqualTo(ACK);
  }

  @Test
  void aRefusedWriteIsDroppedAsAWhole() {
    write(ACK);
    write(DRIVER);

    assertThat(write(FEATURES | DeviceStatus.FAILED)).as("FAILED too").isEqualTo(DRIVER);
    assertThat(write(LIVE)).isEqualTo(DRIVER);
  }

  @Test
  void driverOkWithoutFeaturesOkIsIgnored() {
    write(ACK);
    write(DRIVER);

    assertThat(write(DRIVER | DeviceStatus.DRIVER_OK)).isEqualTo(DRIVER);
    assertThat(guest.device.activated).isEqualTo(FeatureSet.NONE);
  }

  @Test
  void featuresAreFrozenOnceTheyAreAccepted() throws Exception {
    guest.negotiate(VERSION_1, ACCESS_PLATFORM);

    guest.accept(FeatureSet.of(VERSION_1, ACCESS_PLATFORM, EchoDevice.FEATURE, EchoDevice.NEEDED));
    write(LIVE);

    assertThat(guest.device.activated).isEqualTo(FeatureSet.of(VERSION_1, ACCESS_PLATFORM));
    guest.accept(FeatureSet.NONE);
    assertThat(rig.aperture.devices().show("dev").accepted()).isEqualTo("yes");
  }

  @Test
  void aDriverClearsNoBitButByReset() {
    guest.negotiate(VERSION_1, ACCESS_PLATFORM);

    assertThat(write(ACK)).isEqualTo(FEATURES);
    assertThat(write(DeviceStatus.FAILED)).isEqualTo(FEATURES | DeviceStatus.FAILED);
    assertThat(write(0)).isZero();
  }

  @Test
  void bitsThatAreTheDevicesOrNobodysAreNotStored() {
    write(ACK);

    assertThat(write(ACK | DeviceStatus.NEEDS_RESET)).isEqualTo(ACK);
    assertThat(write(ACK | DeviceStatus.SUSPEND)).isEqualTo(ACK);
    assertThat(write(ACK | 0x20 | 0x100 | 0x80000000)).isEqualTo(ACK);
  }

  @Test
  void aResetForgetsFeaturesAndQueues() throws Exception {
    guest.startTranslated();
    guest.echo((byte) 1);
    int resets = guest.device.resets.get();

    assertThat(write(0)).isZero();

    assertThat(guest.device.resets.get()).isEqualTo(resets + 1);
    assertThat(guest.transport.queueEnabled(0)).isFalse();
    assertThat(rig.aperture.devices().show("dev").addresses()).isEqualTo("undecided");
    write(ACK);
    write(DRIVER);
    assertThat(write(FEATURES)).as("no feature is accepted any more").isEqualTo(DRIVER);
  }

  @Test
  void aDeviceThatWasResetWorksAgainAsOftenAsOneLikes() throws Exception {
    for (int i = 0; i < 20; i++) {
      guest.startTranslated();
      assertThat(guest.echo((byte) i)).containsExactly(i);
    }
  }

  @Test
  void featureWordsBeyondTheLastReadZeroAndAreIgnored() {
    assertThat(guest.transport.deviceFeatures(FeatureSet.WORDS)).isZero();
    assertThat(guest.transport.deviceFeatures(-1)).isZero();
    assertThat(guest.transport.deviceFeatures(Integer.MIN_VALUE)).isZero();
    guest.transport.writeStatus(DRIVER);
    guest.accept(FeatureSet.of(VERSION_1, ACCESS_PLATFORM));
    guest.transport.driverFeatures(FeatureSet.WORDS, -1);
    guest.transport.driverFeatures(-1, -1);

    assertThat(write(FEATURES)).isEqualTo(FEATURES);
  }

  @Test
  void queuesThatDoNotExistAreHarmless() throws Exception {
    QueueAddresses nowhere = new QueueAddresses(0, 0, 0);
    for (int queue : new int[] {-1, EchoDevice.QUEUES, 99, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertThat(guest.transport.queueMaxSize(queue)).isZero();
      guest.transport.enableQueue(queue, 16, nowhere);
      assertThat(guest.transport.queueEnabled(queue)).isFalse();
      guest.transport.notifyQueue(queue);
    }
    guest.startTranslated();
    guest.transport.notifyQueue(99);
    guest.transport.notifyQueue(1);

    assertThat(guest.transport.queues()).isEqualTo(EchoDevice.QUEUES);
    assertThat(guest.transport.queueMaxSize(1)).isEqualTo(64);
    assertThat(guest.echo((byte) 1)).containsExactly(1);
    assertThat(guest.transport.status()).isEqualTo(LIVE);
  }

  @Test
  void aQueueIsSetUpOnceAndOnlyBeforeTheDeviceIsLive() throws Exception {
    guest.negotiate(VERSION_1, ACCESS_PLATFORM);
    guest.makeQueue(guest.platform.dmaApi());
    guest.transport.enableQueue(0, 64, new QueueAddresses(1, 2, 3));
    write(LIVE);
    guest.transport.enableQueue(1, 16, new QueueAddresses(0, 0, 0));

    assertThat(guest.echo((byte) 1)).as("with the first addresses").containsExactly(1);
    assertThat(guest.transport.queueEnabled(1)).isFalse();
    assertThat(rig.aperture.devices().show("dev").queues().get(1).state()).isEqualTo("disabled");
  }

  @Test
  void whatWasMadeAvailableBeforeTheDeviceWasLiveIsServedThen() throws Exception {
    guest.negotiate(VERSION_1, ACCESS_PLATFORM);
    guest.makeQueue(guest.platform.dmaApi());
    EchoGuest.Request early = guest.submit(new byte[] {4, 2});
    guest.transport.notifyQueue(0);
    assertThat(guest.device.served.get()).as("no buffer is used before").isZero();

    write(LIVE);

    guest.awaitUsed();
    assertThat(early.answer()).containsExactly(4, 2);
  }

  @Test
  void ringsThatAreNotAlignedBreakTheDeviceAndNotTheEngine() throws Exception {
    guest.negotiate(VERSION_1, ACCESS_PLATFORM);
    guest.transport.enableQueue(0, 16, new QueueAddresses(0x1001, 0x2000, 0x3000));

    assertThat(write(LIVE)).isEqualTo(BROKEN);
    assertThat(guest.configInterrupts.get()).isEqualTo(1);
    assertThat(rig.aperture.devices().why("dev").findings().toString())
        .contains("descriptor table")
        .contains("0x1001");
    guest.startTranslated();
    assertThat(guest.echo((byte) 1)).containsExactly(1);
  }

  @Test
  void queueSizesThatCannotBeBreakTheDevice() throws Exception {
    for (int size : new int[] {0, -1, 3, 128, 32768, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      guest.negotiate(VERSION_1, ACCESS_PLATFORM);
      guest.transport.enableQueue(0, size, new QueueAddresses(0x1000, 0x2000, 0x3000));
      assertThat(write(LIVE)).as("size %d", size).isEqualTo(BROKEN);
    }
  }

  @Test
  void ringsThatAreNotMappedBreakTheDevice() throws Exception {
    guest.negotiate(VERSION_1, ACCESS_PLATFORM);
    guest.transport.enableQueue(0, 16, new QueueAddresses(0x3000_0000, 0x3000_1000, 0x3000_2000));
    write(LIVE);

    guest.awaitStatus(BROKEN);
    assertThat(rig.aperture.dma().faults()).isNotEmpty();
    assertThat(rig.aperture.dma().faults().get(0).device()).isEqualTo("dev");
  }

  @Test
  void configurationIsReadAndWrittenInsideAndIgnoredOutside() {
    byte[] all = new byte[8];
    guest.transport.readConfig(0, all);
    assertThat(all).containsExactly(1, 2, 3, 4, -1, -1, -1, -1);
    guest.transport.readConfig(-2, all);
    assertThat(all).containsExactly(-1, -1, 1, 2, 3, 4, -1, -1);
    guest.transport.readConfig(Integer.MAX_VALUE, all);
    assertThat(all).containsOnly(-1);
    guest.transport.readConfig(Integer.MIN_VALUE, all);
    assertThat(all).containsOnly(-1);

    guest.transport.writeConfig(-1, new byte[] {9, 8});
    guest.transport.writeConfig(3, new byte[] {7, 6, 5});
    guest.transport.writeConfig(Integer.MAX_VALUE, new byte[] {7, 6, 5});

    assertThat(guest.device.config).containsExactly(8, 2, 3, 7);
    assertThat(guest.transport.configSize()).isEqualTo(4);
  }

  @Test
  void theGenerationMovesWhenWhatWasReadChangedMeanwhile() {
    int before = guest.transport.configGeneration();
    assertThat(guest.transport.configGeneration()).isEqualTo(before);

    guest.device.config = new byte[] {1, 2, 3, 5};

    assertThat(guest.transport.configGeneration()).isNotEqualTo(before).isBetween(0, 255);
  }

  @Test
  void aChangeThatIsTakenBackIsNotOverlookedWhenItWasRead() {
    int before = guest.transport.configGeneration();
    byte[] seen = new byte[4];
    guest.device.config = new byte[] {9, 9, 9, 9};
    guest.transport.readConfig(0, seen);
    guest.device.config = new byte[] {1, 2, 3, 4};

    assertThat(guest.transport.configGeneration())
        .as("the driver holds a value that is no more")
        .isNotEqualTo(before);
  }
}
