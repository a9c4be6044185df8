package aperture.itest.guest;

import java.util.List;

/** What a machine must have before a test can boot something. */
interface Needed {

  /**
   * A program and where it comes from.
   *
   * @param name of the file
   * @param debianPackage that holds it
   */
  record Program(String name, String debianPackage) {}

  /** QEMU's program. */
  Program qemu();

  /** Folder of what is booted, among those that were fetched. */
  String folder();

  /** Files in that folder, without which nothing boots. */
  List<String> files();
}
