package io.github.bedrockgateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void metadataIsNeverShown() {
    ClientOptions client =
        ClientOptions.builder()
            .metadata("authorization", "Bearer hunter2")
            .metadata(() -> Map.of("x-api-key", "hunter2"))
            .build();
    RequestOptions request = RequestOptions.defaults().withMetadata("authorization", "hunter2");

    assertFalse(client.toString().contains("hunter2"), client.toString());
    assertFalse(request.toString().contains("hunter2"), request.toString());
  }

  @Test
  void valueThatCannotBeSentIsRefusedWithoutBeingRepeated() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> ClientOptions.builder().metadata("authorization", "hunter2\n"));

    assertTrue(refused.getMessage().contains("authorization"));
    assertFalse(refused.getMessage().contains("hunter2"));
  }

  @Test
  void nameThatCannotBeSentIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> RequestOptions.defaults().withMetadata("two words", "value"));
    assertThrows(
        IllegalArgumentException.class,
        () -> RequestOptions.defaults().withMetadata("trace-bin", "value"));
  }

  @Test
  void deadlineOfNothingIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> RequestOptions.defaults().withDeadline(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class,
        () -> ClientOptions.builder().deadline(Operation.INVOKE, Duration.ofSeconds(-1)));
  }

  @Test
  void certificatesAreRefusedForPlainText() {
    ClientOptions options =
        ClientOptions.builder().certificateAuthority(Path.of("authority.pem")).build();

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> GatewayClient.connect("http://localhost:50051", options));

    assertTrue(refused.getMessage().contains("https://"), refused.getMessage());
  }

  @Test
  void missingCertificateIsNamed() {
    ClientOptions options =
        ClientOptions.builder().certificateAuthority(Path.of("no-such-file.pem")).build();

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> GatewayClient.connect("https://localhost:50051", options));

    assertTrue(refused.getMessage().contains("no-such-file.pem"), refused.getMessage());
  }

  @Test
  void versionIsThatOfThePackage() throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));

    assertEquals(
        GatewayClient.VERSION,
        pom.substring(pom.indexOf("<version>") + "<version>".length(), pom.indexOf("</version>")));
  }
}
