package aperture.console.reference;

import aperture.admin.DeviceInfo;
import aperture.admin.DeviceStats;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.Diagnosis;
import aperture.admin.DriverInfo;
import aperture.admin.DriverKindInfo;
import aperture.admin.FaultInfo;
import aperture.admin.MachineInfo;
import aperture.admin.MachineType;
import aperture.admin.MappingInfo;
import aperture.admin.PolicyExplanation;
import aperture.console.CommandLine;
import aperture.console.DeviceSize;
import aperture.console.PolicySettings;
import aperture.console.VersionInfo;
import aperture.console.demo.DemoRow;
import aperture.console.dma.CaptureResult;
import aperture.console.dma.ReplayResult;
import aperture.console.dma.Translation;
import aperture.console.io.DriverView;
import aperture.console.io.IoResult;
import aperture.console.policy.MatrixRow;
import aperture.console.swap.ArchBundle;
import aperture.console.swap.ArchSwapReport;
import aperture.console.thread.ThreadRow;
import aperture.console.vhost.Served;
import aperture.vhostuser.VhostServerDetails;
import aperture.vhostuser.VhostServerInfo;
import aperture.vhostuser.VhostSizeInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which record each command answers with. */
public final class Results {

  private static final Map<String, Result> BY_COMMAND =
      Map.ofEntries(
          many("arch:list", ArchBundle.class),
          one("arch:swap", ArchSwapReport.class),
          many("machine:types", MachineType.class),
          one("machine:create", MachineInfo.class),
          many("machine:list", MachineInfo.class),
          either("machine:show", MachineInfo.class, MachineType.class),
          many("device:types", DeviceTypeInfo.class),
          one("device:add", DeviceInfo.class),
          many("device:list", DeviceInfo.class),
          one("device:show", DeviceInfo.class),
          one("device:stats", DeviceStats.class),
          one("device:why", Diagnosis.class),
          one("device:resize", DeviceSize.class),
          many("driver:kinds", DriverKindInfo.class),
          one("driver:bind", DriverInfo.class),
          one("driver:reset", DriverInfo.class),
          one("driver:show", DriverView.class),
          one("driver:io", IoResult.class),
          one("driver:wait", IoResult.class),
          one("dma:translate", Translation.class),
          many("dma:mappings", MappingInfo.class),
          many("dma:faults", FaultInfo.class),
          many("dma:replay", ReplayResult.Compared.class),
          one("dma:capture", CaptureResult.class),
          one("policy:explain", PolicyExplanation.class),
          many("policy:matrix", MatrixRow.class),
          one("policy:set", PolicySettings.class),
          one("policy:show", PolicySettings.class),
          many("policy:thread", ThreadRow.class),
          one("vhost:serve", Served.class),
          many("vhost:list", VhostServerInfo.class),
          one("vhost:show", VhostServerDetails.class),
          one("vhost:resize", VhostSizeInfo.class),
          many("aperture:demo", DemoRow.class),
          one("aperture:version", VersionInfo.class),
          many("aperture:commands", CommandLine.class));

  private Results() {}

  /**
   * A command's JSON document.
   *
   * @param record what it is made of
   * @param many whether it is an array of them
   * @param other another record that it may be instead
   */
  public record Result(Class<?> record, boolean many, Optional<Class<?>> other) {

    /** The names of the record's own fields. */
    public List<String> names() {
      return RecordFields.names(record);
    }
  }

  /** The document of a command; absent when it has none. */
  public static Optional<Result> of(String command) {
    return Optional.ofNullable(BY_COMMAND.get(command));
  }

  private static Map.Entry<String, Result> one(String command, Class<?> record) {
    return Map.entry(command, new Result(record, false, Optional.empty()));
  }

  private static Map.Entry<String, Result> either(String command, Class<?> record, Class<?> other) {
    return Map.entry(command, new Result(record, false, Optional.of(other)));
  }

  private static Map.Entry<String, Result> many(String command, Class<?> record) {
    return Map.entry(command, new Result(record, true, Optional.empty()));
  }
}
