package aperture.core.internal.policy;

import aperture.core.internal.machine.Families;
import aperture.core.internal.machine.MachineFactory;
import aperture.core.internal.swap.Behaviors;
import aperture.virtio.DriverKind;
import aperture.virtio.VirtioDeviceType;
import java.util.List;
import java.util.function.Supplier;

/**
 * What experiments are made of: everything that is present now.
 *
 * @param families machine types
 * @param behaviors IOMMU kinds
 * @param machines makes the machines
 * @param deviceTypes device types present
 * @param driverKinds driver kinds present
 */
public record Laboratory(
    Families families,
    Behaviors behaviors,
    MachineFactory machines,
    Supplier<List<VirtioDeviceType>> deviceTypes,
    Supplier<List<DriverKind>> driverKinds) {}
