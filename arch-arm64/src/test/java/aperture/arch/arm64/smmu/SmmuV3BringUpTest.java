package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import org.junit.jupiter.api.Test;

/** The registers while a driver takes an SMMU over: in which order, and from whom. */
class SmmuV3BringUpTest {

  @Test
  void bringingUpFollowsTheOrderOfAKernel() throws Exception {
    try (SmmuFixture fresh = new SmmuFixture()) {
      fresh.attach().tableDriver().orElseThrow().initialize();

      assertThat(fresh.registerWrites)
          .filteredOn(w -> !w.startsWith("IDR") && !w.startsWith("AIDR"))
          .containsExactly(
              "CR0=0x0",
              "CR0ACK=0x0",
              "CR1=0xd75",
              "CR2=0x6",
              "STRTAB_BASE=0x%x".formatted(fresh.get("STRTAB_BASE")),
              "STRTAB_BASE_CFG=0x10210",
              "CMDQ_BASE=0x%x".formatted(fresh.get("CMDQ_BASE")),
              "CMDQ_PROD=0x0",
              "CMDQ_CONS=0x0",
              "CR0=0x8",
              "CR0ACK=0x8",
              "CMDQ_CONS=0x0",
              "CMDQ_PROD=0x2",
              "CMDQ_CONS=0x2",
              "CMDQ_PROD=0x4",
              "CMDQ_CONS=0x4",
              "EVENTQ_BASE=0x%x".formatted(fresh.get("EVENTQ_BASE")),
              "EVENTQ_PROD=0x0",
              "EVENTQ_CONS=0x0",
              "CR0=0xc",
              "CR0ACK=0xc",
              "CMDQ_CONS=0x4",
              "IRQ_CTRL=0x5",
              "IRQ_CTRLACK=0x5",
              "CR0=0xd",
              "CR0ACK=0xd",
              "CMDQ_CONS=0x4");
      assertThat(fresh.invalidations).containsExactly("all", "all");
      assertThat(fresh.get("IDR0")).isEqualTo(0x0d40_101aL);
      assertThat(fresh.get("IDR1")).isEqualTo(0x0273_0010L);
      assertThat(fresh.get("IDR3")).isEqualTo(0x1404);
      assertThat(fresh.get("IDR5")).isEqualTo(0x74);
    }
  }

  @Test
  void anSmmuThatFirmwareLeftOnAbortsBeforeItGoesOff() throws Exception {
    try (SmmuFixture used = new SmmuFixture()) {
      HandMadeTables.build(used);
      used.attach().tableDriver().orElseThrow().initialize();

      assertThat(used.get("GBPA")).isEqualTo(1 << 20);
      assertThat(used.registerWrites.indexOf("GBPA=0x100000"))
          .isLessThan(used.registerWrites.indexOf("CR0=0x0"))
          .isGreaterThan(0);
      assertThat(used.get("CR0")).isEqualTo(0xd);
    }
  }

  @Test
  void bringingUpWithoutMemoryChangesNoRegister() throws Exception {
    try (SmmuFixture poor = new SmmuFixture()) {
      IommuTableDriver none = poor.attach().tableDriver().orElseThrow();
      poor.budget = 3;

      assertThatThrownBy(none::initialize).isInstanceOf(IommuException.class);

      assertThat(poor.registerWrites).isEmpty();
      assertThat(poor.pagesOut()).isZero();
    }
  }
}
