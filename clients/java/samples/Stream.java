import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamResponse;
import io.github.bedrockgateway.AnswerCollector;
import io.github.bedrockgateway.EventStream;
import io.github.bedrockgateway.GatewayClient;

/** Prints an answer while it is generated, and keeps it whole as well. */
public final class Stream {
  public static void main(String[] arguments) {
    String address = System.getenv().getOrDefault("GATEWAY_ADDRESS", "http://127.0.0.1:50051");
    AnswerCollector collector = new AnswerCollector();
    try (GatewayClient client = GatewayClient.connect(address);
        EventStream events = client.stream("Tell me about Io.")) {
      for (InvokeStreamResponse event : events) {
        collector.add(event);
        System.out.print(event.getContentBlockDelta().getText());
      }
    }

    InvokeResponse answer = collector.response();
    System.out.printf(
        "%n%s after %d tokens%n",
        answer.getStopReason(), answer.getMetadata().getUsage().getOutputTokens());
  }
}
