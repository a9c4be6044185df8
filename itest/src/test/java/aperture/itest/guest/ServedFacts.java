package aperture.itest.guest;

import jakarta.json.JsonObject;
import java.util.List;

/**
 * What {@code vhost:show} says of a server.
 *
 * @param json the document
 */
record ServedFacts(JsonObject json) {

  private long iotlb(String name) {
    return json.getJsonObject("iotlb").getJsonNumber(name).longValueExact();
  }

  /** Translations asked of QEMU. */
  long misses() {
    return iotlb("misses");
  }

  long invalidations() {
    return iotlb("invalidations");
  }

  /** Pages that requests used, each time. */
  long audited() {
    return iotlb("audited");
  }

  /** Those of them that no translation meant any more. */
  long stale() {
    return iotlb("stale");
  }

  String state() {
    return json.getJsonObject("server").getString("state");
  }

  long connections() {
    return json.getJsonObject("server").getJsonNumber("connections").longValueExact();
  }

  String provenance() {
    return json.getJsonObject("server").getString("offerProvenance");
  }

  String broken() {
    return json.getString("broken");
  }

  /** Chains completed, of each queue. */
  List<Long> chains() {
    return json.getJsonArray("queues").getValuesAs(JsonObject.class).stream()
        .map(queue -> queue.getJsonNumber("chains").longValueExact())
        .toList();
  }

  /** Whether the guest or its QEMU accepted a feature of that name. */
  boolean accepted(String list, String name) {
    return json.getJsonArray(list).getValuesAs(JsonObject.class).stream()
        .anyMatch(each -> each.getString("name").equals(name) && each.getBoolean("accepted"));
  }
}
