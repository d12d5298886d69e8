import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.RoutingConfig;
import io.github.bedrockgateway.GatewayClient;
import io.github.bedrockgateway.GatewayException;
import io.github.bedrockgateway.InvalidRequestException;
import io.github.bedrockgateway.ThrottledException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** Shows what a program can learn from calls that fail. */
public final class Errors {
  private static final String MODEL = "claude-sonnet-4-5";

  public static void main(String[] arguments) throws Exception {
    String address = System.getenv().getOrDefault("GATEWAY_ADDRESS", "http://127.0.0.1:50051");
    try (GatewayClient client = GatewayClient.connect(address)) {
      try {
        client.invoke(InvokeRequest.getDefaultInstance());
      } catch (InvalidRequestException e) {
        e.fieldViolations()
            .forEach(
                violation ->
                    System.out.printf(
                        "%s: %s%n", violation.getField(), violation.getDescription()));
      }

      try {
        client.getModel("no-such-model");
      } catch (GatewayException e) {
        System.out.printf("%s: read %s, or ask for %s%n", e.reason(), e.help(), e.requestId());
      }

      throttled(client);
    }
  }

  private static void throttled(GatewayClient client) throws IOException, InterruptedException {
    String emulator = System.getenv("EMULATOR_URL");
    if (emulator == null) {
      System.out.println("EMULATOR_URL is not set, so no model is throttled");
      return;
    }
    scenario(emulator, "PUT", "{\"exception\": {\"name\": \"ThrottlingException\"}}");
    try {
      client.invoke(
          InvokeRequest.newBuilder()
              .setModel(MODEL)
              .setPrompt("Hi")
              .setRoutingConfig(
                  RoutingConfig.newBuilder()
                      .setFallbackMode(RoutingConfig.FallbackMode.FALLBACK_MODE_DISABLED)
                      .setMaxAttempts(1))
              .build());
    } catch (ThrottledException e) {
      System.out.printf(
          "%s after %d attempt(s): try again in %s%n",
          e.reason(), e.attempts().size(), e.retryDelay().map(Object::toString).orElse("a while"));
    } finally {
      scenario(emulator, "DELETE", "");
    }
  }

  private static void scenario(String emulator, String method, String json)
      throws IOException, InterruptedException {
    URI uri = URI.create(emulator + "/_emulator/scenarios/" + MODEL);
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri).method(method, BodyPublishers.ofString(json)).build(),
            BodyHandlers.discarding());
  }
}
