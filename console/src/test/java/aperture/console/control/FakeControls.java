package aperture.console.control;

import aperture.access.Setting;
import aperture.admin.BehaviorInfo;
import aperture.admin.ControlException;
import aperture.admin.DeviceControl;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.FaultInfo;
import aperture.admin.MachineControl;
import aperture.admin.MachineInfo;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.Outcome;
import aperture.admin.PolicyControl;
import aperture.admin.PolicyExplanation;
import aperture.admin.PolicyRehearsal;
import aperture.admin.SwapControl;
import aperture.admin.SwapReport;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Core as the console sees it, without core: enough of everything to show and to refuse. */
public final class FakeControls implements Controls {

  public final Map<String, MachineInfo> machines = new LinkedHashMap<>();
  public final Map<String, DeviceSpec> devices = new LinkedHashMap<>();
  public final Map<String, String> drivers = new LinkedHashMap<>();
  public final Map<String, IoJob> jobs = new LinkedHashMap<>();
  public final List<FaultInfo> faults = new ArrayList<>();
  public List<BehaviorInfo> suppliers = new ArrayList<>();
  public final List<SwapReport> swaps = new ArrayList<>();

  /** What {@code io} was asked last. */
  public IoPlan plan;

  /** What {@code io} starts next. */
  public IoJob nextJob = FakeJob.clean();

  /** How many answers a replay gets wrong. */
  public int disagreeing;

  /** What becomes of the matrix's first case. */
  public Optional<Outcome> outcomeOfTheFirst = Optional.of(Outcome.WT);

  /** What was asked of the matrix last. */
  public MatrixRequest asked = MatrixRequest.ALL;

  public Setting offer = Setting.UNSET;
  public Setting strict = Setting.UNSET;

  public final FakeVhost vhost = new FakeVhost();

  @Override
  public FakeVhost vhost() {
    return vhost;
  }

  @Override
  public MachineControl machines() {
    return new FakeMachines(this);
  }

  @Override
  public DeviceControl devices() {
    return new FakeDevices(this);
  }

  @Override
  public DriverControl drivers() {
    return new FakeDrivers(this);
  }

  @Override
  public DmaControl dma() {
    return new FakeDma(this);
  }

  @Override
  public PolicyControl policy() {
    return new PolicyControl() {
      @Override
      public PolicyExplanation explain(String device) {
        return new PolicyExplanation(
            device,
            "toy-1",
            "on",
            "on: device setting; global setting absent; row toy-1 says off",
            "on",
            "on: row toy-1; device setting absent; global setting absent",
            "physical",
            "software",
            "modern registers",
            "T: an IOMMU over the device translates",
            "IOMMU toy is in front",
            List.of("driver accepts: works", "driver does not accept: refused"),
            List.of());
      }

      @Override
      public List<MatrixCell> matrix(MatrixRequest request, BiConsumer<Integer, Integer> progress) {
        asked = request;
        progress.accept(1, 1);
        return List.of(
            new MatrixCell(
                "T",
                "K2",
                true,
                true,
                "PHYSICAL",
                outcomeOfTheFirst,
                "toy-1 toy",
                "driver bound; 24 of 24 requests",
                "through the translation of the bus"),
            new MatrixCell(
                "B",
                "K2",
                false,
                false,
                "PHYSICAL",
                Optional.of(Outcome.WP),
                "toy-1 toy",
                "driver bound; 24 of 24 requests",
                "physical addresses, and nobody was asked"));
      }

      @Override
      public Setting globalOffer() {
        return offer;
      }

      @Override
      public Setting globalStrict() {
        return strict;
      }

      @Override
      public void globalOffer(Setting setting) {
        offer = setting;
      }

      @Override
      public void globalStrict(Setting setting) {
        strict = setting;
      }

      @Override
      public PolicyRehearsal rehearse() {
        return new PolicyRehearsal() {
          @Override
          public void offer(Setting setting) {}

          @Override
          public void strict(Setting setting) {}

          @Override
          public DeviceInfo add(DeviceSpec spec) throws ControlException {
            return devices().add(spec);
          }
        };
      }
    };
  }

  @Override
  public SwapControl swaps() {
    return new SwapControl() {
      @Override
      public List<BehaviorInfo> suppliers() {
        return suppliers;
      }

      @Override
      public List<SwapReport> swaps() {
        return swaps;
      }

      @Override
      public Duration quiesceDeadline() {
        return Duration.ofSeconds(2);
      }

      @Override
      public Duration gracePeriod() {
        return Duration.ofSeconds(10);
      }

      @Override
      public void quiesceDeadline(Duration deadline) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void gracePeriod(Duration period) {
        throw new UnsupportedOperationException();
      }
    };
  }
}
