import bedrock.gateway.v1.InvokeResponse;
import io.github.bedrockgateway.GatewayClient;

/** Asks a question and prints the answer, who gave it, and what it cost. */
public final class Basic {
  public static void main(String[] arguments) {
    String address = System.getenv().getOrDefault("GATEWAY_ADDRESS", "http://127.0.0.1:50051");
    try (GatewayClient client = GatewayClient.connect(address)) {
      InvokeResponse answer = client.invoke("Name three moons of Jupiter.");

      System.out.println(answer.getText());
      System.out.printf(
          "answered by %s with %d tokens for %d billionths of a %s%n",
          answer.getMetadata().getModel(),
          answer.getMetadata().getUsage().getOutputTokens(),
          answer.getMetadata().getCost().getTotalNanos(),
          answer.getMetadata().getCost().getCurrencyCode());
    }
  }
}
