package io.github.bedrockgateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServiceConfigTest {
  private static final Duration OTHERWISE = Duration.ofSeconds(7);

  @Test
  void packageCarriesTheFileOfAllLanguages() throws Exception {
    byte[] original = Files.readAllBytes(Path.of("..", ServiceConfig.FILE));

    try (InputStream carried = ServiceConfig.class.getResourceAsStream(ServiceConfig.FILE)) {
      assertArrayEquals(original, carried.readAllBytes());
    }
  }

  @Test
  void deadlinesAreThoseOfTheFile() {
    ServiceConfig config = ServiceConfig.load();

    assertEquals(Duration.ofMinutes(2), config.timeout(Operation.INVOKE, OTHERWISE));
    assertEquals(Duration.ofMinutes(10), config.timeout(Operation.INVOKE_STREAM, OTHERWISE));
    assertEquals(Duration.ofSeconds(10), config.timeout(Operation.COUNT_TOKENS, OTHERWISE));
    assertEquals(Duration.ofSeconds(10), config.timeout(Operation.LIST_MODELS, OTHERWISE));
    assertEquals(Duration.ofSeconds(10), config.timeout(Operation.GET_MODEL, OTHERWISE));
    assertEquals(OTHERWISE, config.timeout(Operation.HEALTH, OTHERWISE));
  }

  @Test
  void methodIsMoreThanItsService() {
    ServiceConfig config =
        ServiceConfig.read(
            new StringReader(
                """
                {"methodConfig": [
                  {"name": [{"service": "bedrock.gateway.v1.InferenceService"}], "timeout": "1s"},
                  {"name": [{"service": "bedrock.gateway.v1.InferenceService", "method": "Invoke"}],
                   "timeout": "0.25s"}
                ]}
                """));

    assertEquals(Duration.ofMillis(250), config.timeout(Operation.INVOKE, OTHERWISE));
    assertEquals(Duration.ofSeconds(1), config.timeout(Operation.INVOKE_STREAM, OTHERWISE));
  }

  @Test
  void channelIsGivenAllButTheTimeoutsWhichWouldCutLongerDeadlinesShort() {
    String given = ServiceConfig.load().forChannel().toString();

    assertFalse(given.contains("timeout"), given);
    assertTrue(given.contains("round_robin"), given);
    assertTrue(given.contains("healthCheckConfig"), given);
    assertTrue(given.contains("retryPolicy"), given);
    assertTrue(given.contains("retryThrottling"), given);
  }
}
