package aperture.arch.ppc.tce;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Permission;
import org.junit.jupiter.api.Test;

/** Entries as kernels wrote them, decoded and encoded. */
class LayoutTest {

  @Test
  void anEntryOfTheDefaultWindowDecodes() {
    assertThat(TceLayout.page(0x2090003L, 12)).isEqualTo(0x2090000L);
    assertThat(TceLayout.permission(0x2090003L)).isEqualTo(Permission.READ_WRITE);
    assertThat(TceLayout.decode(0x2090003L)).isEqualTo("page 0x2090000, RW");
  }

  @Test
  void entriesOfDirectWindowsDecode() {
    assertThat(TceLayout.page(0x1000003L, 24)).isEqualTo(0x1000000L);
    assertThat(TceLayout.page(0x10003L, 16)).isEqualTo(0x10000L);
  }

  @Test
  void bitsBelowThePageAreIgnoredButForTheRights() {
    assertThat(TceLayout.page(0x12345ffdL, 16)).isEqualTo(0x12340000L);
    assertThat(TceLayout.permission(0xffcL)).isEqualTo(Permission.NONE);
    assertThat(TceLayout.isEmpty(-1L & ~3L)).isTrue();
    assertThat(TceLayout.decode(0x5ffcL)).isEqualTo("page 0x5000, -- (no access)");
  }

  @Test
  void theHighestPageIsAPage() {
    assertThat(TceLayout.page(-1L, 12)).isEqualTo(-4096L);
  }

  @Test
  void everyEntryThatIsWrittenAllowsReading() {
    assertThat(TceLayout.entry(0x2090000L, Permission.READ_WRITE)).isEqualTo(0x2090003L);
    assertThat(TceLayout.entry(0x2090000L, Permission.READ)).isEqualTo(0x2090001L);
    assertThat(TceLayout.entry(0x2090000L, Permission.WRITE)).isEqualTo(0x2090003L);
  }

  @Test
  void statusesHaveWords() {
    assertThat(HypercallStatus.describe(HypercallStatus.SUCCESS)).isEqualTo("success");
    assertThat(HypercallStatus.describe(HypercallStatus.BUSY)).isEqualTo("busy");
    assertThat(HypercallStatus.describe(HypercallStatus.HARDWARE)).isEqualTo("hardware error");
    assertThat(HypercallStatus.describe(HypercallStatus.FUNCTION)).isEqualTo("no such function");
    assertThat(HypercallStatus.describe(HypercallStatus.PRIVILEGE)).isEqualTo("not privileged");
    assertThat(HypercallStatus.describe(HypercallStatus.PARAMETER)).isEqualTo("invalid parameter");
    assertThat(HypercallStatus.describe(HypercallStatus.RESOURCE)).isEqualTo("resource used up");
    assertThat(HypercallStatus.describe(HypercallStatus.TOO_HARD)).isEqualTo("left to user space");
    assertThat(HypercallStatus.describe(-77)).isEqualTo("status -77");
  }

  @Test
  void aLongBusyStatusSaysWhenToComeBack() {
    assertThat(HypercallStatus.retryAfterMillis(9899)).isZero();
    assertThat(HypercallStatus.retryAfterMillis(9900)).isEqualTo(1);
    assertThat(HypercallStatus.retryAfterMillis(9903)).isEqualTo(1_000);
    assertThat(HypercallStatus.retryAfterMillis(9905)).isEqualTo(100_000);
    assertThat(HypercallStatus.retryAfterMillis(9906)).isZero();
    assertThat(HypercallStatus.describe(9902)).isEqualTo("long busy, again in 100 ms");
  }
}
