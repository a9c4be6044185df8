package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.MappedRegister;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegisterMapTest {

  @Test
  void aMachineSaysWhereItsRegistersAreWhateverItsVersion() {
    assertThat(new SmmuV3Behavior().mappedRegisters("virt-7.2"))
        .contains(new MappedRegister("STRTAB_BASE", 0x0905_0080L, 8));
    assertThat(new SmmuV3Behavior().mappedRegisters("sbsa-ref"))
        .contains(new MappedRegister("CR0", 0x6005_0020L, 4));
  }

  @Test
  void registersDoNotOverlapAndLieAtMultiplesOfTheirWidth() {
    List<MappedRegister> all = new SmmuV3Behavior().mappedRegisters("virt-7.2");

    assertThat(all).allMatch(register -> register.gpa() % register.bytes() == 0);
    for (MappedRegister one : all) {
      assertThat(all)
          .filteredOn(other -> !other.equals(one))
          .noneMatch(other ->
              other.gpa() < one.gpa() + one.bytes() && one.gpa() < other.gpa() + other.bytes());
    }
  }

  @Test
  void aMachineWithoutItHasNone() {
    assertThat(new SmmuV3Behavior().mappedRegisters("raspi3b")).isEmpty();
  }
}
