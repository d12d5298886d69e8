package io.github.bedrockgateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:50051, false, dns:///127.0.0.1:50051",
    "http://localhost:1/, false, dns:///localhost:1",
    "HTTP://gateway.example:65535, false, dns:///gateway.example:65535",
    "https://gateway.example, true, dns:///gateway.example:443",
    "https://gateway.example:8443, true, dns:///gateway.example:8443",
    "'http://[::1]:50051', false, 'dns:///[::1]:50051'",
  })
  void addressSaysWhereAndWhetherInPlainText(String text, boolean tls, String target) {
    Address address = Address.parse(text);

    assertEquals(tls, address.tls());
    assertEquals(target, address.target());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:50051",
        "127.0.0.1:50051",
        "grpc://localhost:50051",
        "http://localhost",
        "http://:50051",
        "http://localhost:0",
        "http://localhost:65536",
        "http://localhost:50051/v1",
        "http://localhost:50051?a=b",
        "http://localhost:50051#a",
        "http://under score:50051",
        "https://user:hunter2@localhost:50051",
      })
  void otherAddressIsRefusedWithBothFormsShown(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> GatewayClient.connect(text));

    assertTrue(refused.getMessage().contains("http://HOST:PORT"), refused.getMessage());
    assertTrue(refused.getMessage().contains("https://HOST[:PORT]"), refused.getMessage());
  }

  @Test
  void passwordInAddressIsNotRepeated() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> GatewayClient.connect("https://user:hunter2@localhost:50051"));

    assertFalse(refused.getMessage().contains("hunter2"));
  }
}
