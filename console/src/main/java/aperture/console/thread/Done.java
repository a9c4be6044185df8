package aperture.console.thread;

/**
 * A step that was carried out.
 *
 * @param shown what is shown of it
 * @param held whether what was claimed came true; true where nobody claimed anything and it came to
 *     a verdict
 */
record Done(ThreadCase shown, boolean held) {}
