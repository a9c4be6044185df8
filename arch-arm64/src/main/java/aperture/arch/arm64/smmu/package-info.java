/**
 * The SMMUv3: the hardware half (registers, stream table, contexts, table walk, command and event
 * queues) and the operating-system half (what a kernel's driver builds).
 *
 * <p>Bits are in the {@code *Layout} classes and nowhere else. Everything in memory is
 * little-endian, except translation tables of a context that says otherwise. Sources: Arm System
 * Memory Management Unit Architecture Specification, SMMU architecture version 3 (IHI 0070), and
 * for table descriptors Arm Architecture Reference Manual for A-profile, VMSAv8-64.
 */
@NullMarked
package aperture.arch.arm64.smmu;

import org.jspecify.annotations.NullMarked;
