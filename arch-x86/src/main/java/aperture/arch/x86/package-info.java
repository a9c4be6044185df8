/**
 * The x86 machine families: {@code pc-i440fx}, {@code pc-q35}, {@code microvm}, and Xen guests in
 * {@code xenpv}, {@code xenfv} and {@code xenpvh}.
 *
 * <p>A family that has versions is a chain: its newest row is written out, and each older one is
 * its successor plus one list of differences, so that a row cannot silently change with its
 * successor's reasons left behind. Rows named as in QEMU say what QEMU's machine types say; a row
 * of our own ends in {@code -ap1}.
 */
@NullMarked
package aperture.arch.x86;

import org.jspecify.annotations.NullMarked;
