import bedrock.gateway.v1.Attempt;
import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.RoutingConfig;
import com.google.protobuf.Duration;
import io.github.bedrockgateway.GatewayClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** Names the models to try in order, and prints what was tried. */
public final class Fallback {
  private static final String FIRST = "claude-opus-4-1";

  public static void main(String[] arguments) throws Exception {
    String address = System.getenv().getOrDefault("GATEWAY_ADDRESS", "http://127.0.0.1:50051");
    String emulator = System.getenv("EMULATOR_URL");
    if (emulator == null) {
      System.out.println("EMULATOR_URL is not set, so the first model may well answer");
    } else {
      scenario(emulator, "PUT", "{\"exception\": {\"name\": \"InternalServerException\"}}");
    }
    InvokeRequest request =
        InvokeRequest.newBuilder()
            .setModel(FIRST)
            .setPrompt("Prove that 17 is prime.")
            .setRoutingConfig(
                RoutingConfig.newBuilder()
                    .addFallbackModels("claude-sonnet-4-5")
                    .setMaxAttempts(4)
                    .setAttemptTimeout(Duration.newBuilder().setSeconds(20)))
            .build();
    try (GatewayClient client = GatewayClient.connect(address)) {
      InvokeResponse answer = client.invoke(request);

      for (Attempt attempt : answer.getMetadata().getAttemptsList()) {
        System.out.printf(
            "%d. %s: %s %s%n",
            attempt.getNumber(),
            attempt.getModel(),
            attempt.getState(),
            attempt.hasError() ? attempt.getError().getReason() : "");
      }
      System.out.println(answer.getText());
    } finally {
      if (emulator != null) {
        scenario(emulator, "DELETE", "");
      }
    }
  }

  private static void scenario(String emulator, String method, String json)
      throws IOException, InterruptedException {
    URI uri = URI.create(emulator + "/_emulator/scenarios/" + FIRST);
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri).method(method, BodyPublishers.ofString(json)).build(),
            BodyHandlers.discarding());
  }
}
