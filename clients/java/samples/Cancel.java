import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamResponse;
import io.github.bedrockgateway.CancelledException;
import io.github.bedrockgateway.DeadlineExceededException;
import io.github.bedrockgateway.EventStream;
import io.github.bedrockgateway.GatewayClient;
import io.github.bedrockgateway.RequestOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Ends calls before they end by themselves: a stream, a future, and by a deadline. */
public final class Cancel {
  public static void main(String[] arguments) {
    String address = System.getenv().getOrDefault("GATEWAY_ADDRESS", "http://127.0.0.1:50051");
    InvokeRequest request = InvokeRequest.newBuilder().setPrompt("Write a long story.").build();
    try (GatewayClient client = GatewayClient.connect(address)) {
      // Leaving the block closes the stream, which ends the call at the model.
      try (EventStream events = client.stream(request)) {
        for (InvokeStreamResponse event : events) {
          if (event.hasContentBlockDelta()) {
            System.out.println("left after: " + event.getContentBlockDelta().getText());
            break;
          }
        }
      }

      CompletableFuture<InvokeResponse> answer = client.invokeAsync(request);
      System.out.println("the future was cancelled: " + answer.cancel(true));

      try {
        client.invoke(request, RequestOptions.defaults().withDeadline(Duration.ofMillis(100)));
      } catch (DeadlineExceededException | CancelledException e) {
        System.out.println("too late: " + e.code());
      }
    }
  }
}
