package aperture.admin;

import java.util.List;

/**
 * Why a device does, or does not do, what it should.
 *
 * @param id the device
 * @param healthy whether nothing is wrong
 * @param findings what was found, the gravest first
 * @param action one suggested action
 */
public record Diagnosis(String id, boolean healthy, List<String> findings, String action) {}
