package aperture.console.swap;

import java.util.List;

/**
 * A bundle that supplies machines or IOMMUs, or would when it were active.
 *
 * @param bundle symbolic name
 * @param version its version
 * @param state its state in the framework
 * @param id its number in the framework
 * @param families machine families it supplies
 * @param kinds IOMMU kinds it supplies
 * @param chosen those of both that are chosen among suppliers of the same name
 * @param machines machines whose IOMMU it drives
 */
public record ArchBundle(
    String bundle,
    String version,
    String state,
    long id,
    List<String> families,
    List<String> kinds,
    List<String> chosen,
    int machines) {}
