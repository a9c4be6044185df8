package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import aperture.launcher.outcome.Failure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

@DisplayName("Readiness")
class ReadinessTest {
  private static final String PROMISE = "osgi.service;objectClass:List<String>=\"%s\"";

  @TempDir Path world;
  private FrameworkSandbox sandbox;

  @BeforeEach
  void startAFramework() throws Exception {
    sandbox = new FrameworkSandbox(world.resolve("cache"));
    sandbox.start();
  }

  @AfterEach
  void stopIt() throws Exception {
    sandbox.close();
  }

  @Test
  @DisplayName("comes when the promised service does, from a thread of the bundle's own")
  void waitsForThePromise() throws Exception {
    Bundle bundle = bundle("late", PROMISE.formatted("java.lang.Runnable"));
    bundle.start();
    Runnable service = () -> {};
    CompletableFuture<Void> registering =
        CompletableFuture.runAsync(
            () -> bundle.getBundleContext().registerService(Runnable.class, service, null));
    assertThatCode(() -> readiness(bundle).await(Duration.ofSeconds(20)))
        .doesNotThrowAnyException();
    registering.join();
  }

  @Test
  @DisplayName("fails at its deadline, and names the bundle and what it owes")
  void namesTheCulprit() throws Exception {
    Bundle bundle = bundle("idle", PROMISE.formatted("x.Y,java.lang.Runnable"));
    bundle.start();
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> readiness(bundle).await(Duration.ofMillis(1)))
        .withMessageContaining("idle has not registered x.Y and java.lang.Runnable")
        .satisfies(
            failure -> org.assertj.core.api.Assertions.assertThat(failure.exitCode()).isOne());
  }

  @Test
  @DisplayName("asks nothing of bundles that promise nothing or were not started")
  void asksNothingOfOthers() throws Exception {
    Bundle plain = sandbox.context().installBundle(url(FrameworkSandbox.jar(jar("plain"), "1")));
    plain.start();
    Bundle stopped = bundle("stopped", PROMISE.formatted("java.lang.Runnable"));
    assertThatCode(() -> readiness(plain, stopped).await(Duration.ZERO)).doesNotThrowAnyException();
  }

  private Bundle bundle(String name, String promise) throws Exception {
    return sandbox
        .context()
        .installBundle(url(FrameworkSandbox.jar(jar(name), "1", "Provide-Capability", promise)));
  }

  private Path jar(String name) {
    return world.resolve(name + ".jar");
  }

  private static String url(Path jar) {
    return jar.toUri().toString();
  }

  private Readiness readiness(Bundle... bundles) {
    return new Readiness(sandbox.context(), List.of(bundles));
  }
}
