package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Endpoint;
import aperture.iommu.Permission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The record of live mappings, against a map. */
class LedgerTest {

  private static final long PAGE = 4096;

  private final List<Endpoint> endpoints = new ArrayList<>();
  private Ledger ledger;

  private record Key(int endpoint, long iova) {}

  private record Mapping(long gpa, long size, Permission permission) {}

  @BeforeEach
  void create() {
    for (int i = 0; i < Ledger.MAX_ENDPOINTS; i++) {
      endpoints.add(new Endpoint(i, "e" + i, i, Map.of()));
    }
    ledger = new Ledger(endpoints);
  }

  private Map<Key, Mapping> content() {
    Map<Key, Mapping> content = new HashMap<>();
    ledger.forEach((endpoint, iova, gpa, size, permission) ->
        assertThat(content.put(new Key(endpoint.index(), iova), new Mapping(gpa, size, permission)))
            .isNull());
    return content;
  }

  @Test
  void everyFieldOfAMappingIsKept() {
    ledger.add(endpoints.get(0), 0, 0, PAGE, Permission.READ);
    ledger.add(
        endpoints.get(Ledger.MAX_ENDPOINTS - 1), -PAGE, 1L << 51, 1L << 40, Permission.WRITE);
    ledger.add(endpoints.get(3), 1L << 63, PAGE, 3 * PAGE, Permission.READ_WRITE);

    assertThat(content())
        .containsOnly(
            Map.entry(new Key(0, 0), new Mapping(0, PAGE, Permission.READ)),
            Map.entry(
                new Key(Ledger.MAX_ENDPOINTS - 1, -PAGE),
                new Mapping(1L << 51, 1L << 40, Permission.WRITE)),
            Map.entry(new Key(3, 1L << 63), new Mapping(PAGE, 3 * PAGE, Permission.READ_WRITE)));
    assertThat(ledger.size()).isEqualTo(3);
  }

  @Test
  void oneAddressOfTwoEndpointsIsTwoMappings() {
    ledger.add(endpoints.get(1), PAGE, 0, PAGE, Permission.READ);
    ledger.add(endpoints.get(2), PAGE, PAGE, 2 * PAGE, Permission.READ);

    ledger.remove(endpoints.get(1), PAGE);

    assertThat(ledger.sizeOf(endpoints.get(1), PAGE)).isZero();
    assertThat(ledger.sizeOf(endpoints.get(2), PAGE)).isEqualTo(2 * PAGE);
    assertThat(ledger.countOf(endpoints.get(2))).isEqualTo(1);
  }

  @Test
  void aMappingIsKnownByItsFirstAddressOnly() {
    ledger.add(endpoints.get(1), PAGE, 0, 4 * PAGE, Permission.READ);

    assertThat(ledger.sizeOf(endpoints.get(1), 2 * PAGE)).isZero();
    assertThatThrownBy(() -> ledger.remove(endpoints.get(1), 2 * PAGE))
        .isInstanceOf(IllegalStateException.class);
    assertThat(ledger.size()).isEqualTo(1);
  }

  @Test
  void whileTablesAreRebuiltANewcomerSeesNothing() {
    ledger.add(endpoints.get(1), PAGE, 0, PAGE, Permission.READ);

    ledger.hide(true);
    assertThat(ledger.size()).isZero();
    assertThat(content()).isEmpty();
    assertThat(ledger.sizeOf(endpoints.get(1), PAGE)).as("core itself still knows").isEqualTo(PAGE);
    ledger.hide(false);

    assertThat(content()).hasSize(1);
  }

  @Test
  void aRandomHistoryEndsWithWhatAMapWouldHold() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<Key, Mapping> model = new HashMap<>();
    List<Key> live = new ArrayList<>();
    for (int step = 0; step < 60_000; step++) {
      boolean grow = random.nextInt(100) < (step % 20_000 < 10_000 ? 70 : 30);
      if (grow || live.isEmpty()) {
        Key key = new Key(random.nextInt(4), random.nextInt(50_000) * PAGE);
        if (model.containsKey(key)) {
          continue;
        }
        Mapping mapping =
            new Mapping(
                random.nextInt(1 << 20) * PAGE,
                (1 + random.nextInt(64)) * PAGE,
                Permission.of(random.nextBoolean(), true));
        ledger.add(
            endpoints.get(key.endpoint()),
            key.iova(),
            mapping.gpa(),
            mapping.size(),
            mapping.permission());
        model.put(key, mapping);
        live.add(key);
      } else {
        int which = random.nextInt(live.size());
        Key key = live.get(which);
        live.set(which, live.get(live.size() - 1));
        live.remove(live.size() - 1);
        ledger.remove(endpoints.get(key.endpoint()), key.iova());
        model.remove(key);
        if (ledger.sizeOf(endpoints.get(key.endpoint()), key.iova()) != 0) {
          throw new AssertionError("still there: seed " + seed + " step " + step);
        }
      }
      if (!live.isEmpty()) {
        Key key = live.get(random.nextInt(live.size()));
        long size = ledger.sizeOf(endpoints.get(key.endpoint()), key.iova());
        if (size != model.get(key).size()) {
          throw new AssertionError("lost: seed " + seed + " step " + step);
        }
      }
    }

    assertThat(content()).as("seed %d", seed).isEqualTo(model);
    assertThat(ledger.size()).isEqualTo(model.size());
    for (int i = 0; i < 4; i++) {
      int index = i;
      long expected = model.keySet().stream().filter(k -> k.endpoint() == index).count();
      assertThat(ledger.countOf(endpoints.get(i))).isEqualTo((int) expected);
      Map<Long, Long> own = new HashMap<>();
      ledger.forEachOf(endpoints.get(i), (e, iova, gpa, size, p) -> own.put(iova, size));
      assertThat(own).hasSize((int) expected);
    }
  }
}
