package aperture.core.internal.control;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.core.internal.machine.RunningMachine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All machines and devices by name. Thread-safe. */
final class Inventory {

  private final Map<String, RunningMachine> machines = new LinkedHashMap<>();
  private final Map<String, DeviceEntry> devices = new LinkedHashMap<>();

  synchronized void addMachine(RunningMachine machine) throws ControlException {
    requireFree("machine", machine.name(), machines.keySet());
    machines.put(machine.name(), machine);
  }

  synchronized void requireFreeMachine(String name) throws ControlException {
    requireFree("machine", name, machines.keySet());
  }

  synchronized void requireFreeDevice(String id) throws ControlException {
    requireFree("device", id, devices.keySet());
  }

  private static void requireFree(String what, String name, Collection<String> taken)
      throws ControlException {
    if (taken.contains(name)) {
      throw ControlException.usage("%s '%s' exists already".formatted(what, name));
    }
  }

  synchronized RunningMachine machine(String name) throws ControlException {
    RunningMachine machine = machines.get(name);
    if (machine == null) {
      throw ControlException.usage(Nearest.unknown("machine", name, machines.keySet()));
    }
    return machine;
  }

  synchronized void removeMachine(String name) {
    machines.remove(name);
  }

  synchronized List<RunningMachine> machines() {
    return new ArrayList<>(machines.values());
  }

  synchronized void addDevice(DeviceEntry device) throws ControlException {
    requireFree("device", device.id(), devices.keySet());
    devices.put(device.id(), device);
  }

  synchronized DeviceEntry device(String id) throws ControlException {
    DeviceEntry device = devices.get(id);
    if (device == null) {
      throw ControlException.usage(Nearest.unknown("device", id, devices.keySet()));
    }
    return device;
  }

  synchronized void removeDevice(String id) {
    devices.remove(id);
  }

  synchronized List<DeviceEntry> devices() {
    return new ArrayList<>(devices.values());
  }

  synchronized List<DeviceEntry> devicesOf(RunningMachine machine) {
    return devices.values().stream().filter(device -> device.machine() == machine).toList();
  }

  /** A name for a device that was given none: its type and the first free number. */
  synchronized String freeDeviceId(String type) {
    int number = 0;
    while (devices.containsKey(type + number)) {
      number++;
    }
    return type + number;
  }
}
