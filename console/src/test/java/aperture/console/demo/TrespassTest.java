package aperture.console.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.ControlException;
import aperture.admin.FaultInfo;
import aperture.admin.MappingInfo;
import aperture.console.control.FakeControls;
import aperture.dma.PlatformDma;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guided run's negative must be able to fail. */
class TrespassTest {

  private static final List<MappingInfo> LIVE =
      List.of(new MappingInfo("m0", "00:01.0", "0x1000", "0x5000", 0x2000, "r"));

  private final FakeControls controls = new FakeControls();

  /** A device face whose every access ends as told. */
  private Trespass trespass(aperture.dma.TranslateStatus status) {
    ClassLoader loader = getClass().getClassLoader();
    Object session =
        Proxy.newProxyInstance(
            loader,
            new Class<?>[] {aperture.dma.DmaSession.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "begin" -> true;
                  case "translate" -> status;
                  case "fault" -> Optional.empty();
                  default -> null;
                });
    Object device =
        Proxy.newProxyInstance(
            loader,
            new Class<?>[] {aperture.dma.DeviceDma.class},
            (proxy, method, arguments) -> session);
    PlatformDma dma =
        (PlatformDma)
            Proxy.newProxyInstance(
                loader,
                new Class<?>[] {PlatformDma.class},
                (proxy, method, arguments) -> Optional.of(device));
    return new Trespass(controls.dma(), new Prober(dma), "m0", "d0", "00:01.0");
  }

  @Test
  void aStoppedAccessThatIsOnRecordHolds() throws Exception {
    controls.faults.add(
        new FaultInfo(
            "m0", "d0", "00:01.0", "0x3000", "r", "UNMAPPED", "0x6", "no", "", "FRCD0", 1));

    assertThat(trespass(aperture.dma.TranslateStatus.FAULT).attempt(LIVE))
        .anyMatch(line -> line.contains("was stopped"))
        .contains("recorded by the hardware at FRCD0");
  }

  @Test
  void aStoppedAccessThatIsOnNoRecordDoesNotHold() {
    assertThatThrownBy(() -> trespass(aperture.dma.TranslateStatus.FAULT).attempt(LIVE))
        .isInstanceOf(ControlException.class)
        .hasMessage("the fault at 0x3000 is on no record");
  }

  @ParameterizedTest
  @ValueSource(strings = "OK")
  void anAccessThatGoesThroughDoesNotHold(aperture.dma.TranslateStatus status) {
    assertThatThrownBy(() -> trespass(status).attempt(LIVE))
        .isInstanceOf(ControlException.class)
        .hasMessage("0x3000 was reached unmapped");
  }
}
