package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.MappedRegister;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegisterMapTest {

  @Test
  void aMachineSaysWhereItsRegistersAreWhateverItsVersion() {
    assertThat(new VtdBehavior().mappedRegisters("pc-q35-7.2"))
        .contains(new MappedRegister("RTADDR", 0xfed9_0020L, 8));
    assertThat(new VtdBehavior().mappedRegisters("pc-q35-8.2"))
        .contains(new MappedRegister("GSTS", 0xfed9_001cL, 4));
  }

  @Test
  void registersDoNotOverlapAndLieAtMultiplesOfTheirWidth() {
    List<MappedRegister> all = new VtdBehavior().mappedRegisters("pc-q35-7.2");

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
    assertThat(new VtdBehavior().mappedRegisters("pc-i440fx-7.2")).isEmpty();
  }
}
