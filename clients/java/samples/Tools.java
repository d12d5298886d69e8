import bedrock.gateway.v1.AnyToolChoice;
import bedrock.gateway.v1.ContentBlock;
import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.Message;
import bedrock.gateway.v1.Role;
import bedrock.gateway.v1.StopReason;
import bedrock.gateway.v1.Tool;
import bedrock.gateway.v1.ToolChoice;
import bedrock.gateway.v1.ToolConfig;
import bedrock.gateway.v1.ToolResultBlock;
import bedrock.gateway.v1.ToolResultContentBlock;
import bedrock.gateway.v1.ToolSpec;
import bedrock.gateway.v1.ToolUseBlock;
import io.github.bedrockgateway.GatewayClient;

/** Lets the model call a tool, answers the call, and lets the model go on. */
public final class Tools {
  private static final String SCHEMA =
      """
      {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
      """;
  private static final int MOST_TURNS = 5;

  public static void main(String[] arguments) {
    String address = System.getenv().getOrDefault("GATEWAY_ADDRESS", "http://127.0.0.1:50051");
    Tool weather =
        Tool.newBuilder()
            .setToolSpec(
                ToolSpec.newBuilder()
                    .setName("get_weather")
                    .setDescription("Current weather of a city")
                    .setInputSchemaJson(SCHEMA))
            .build();
    InvokeRequest.Builder request =
        InvokeRequest.newBuilder()
            .setModel("claude-sonnet-4-5")
            .addMessages(
                Message.newBuilder()
                    .setRole(Role.ROLE_USER)
                    .addContent(ContentBlock.newBuilder().setText("What is the weather in Oslo?")))
            .setToolConfig(
                ToolConfig.newBuilder()
                    .addTools(weather)
                    .setToolChoice(
                        ToolChoice.newBuilder().setAny(AnyToolChoice.getDefaultInstance())));
    try (GatewayClient client = GatewayClient.connect(address)) {
      for (int turn = 0; turn < MOST_TURNS; turn++) {
        InvokeResponse answer = client.invoke(request.build());
        if (answer.getStopReason() != StopReason.STOP_REASON_TOOL_USE) {
          System.out.println(answer.getText());
          return;
        }
        // The model's message goes back as it came, and the results behind it.
        request.addMessages(answer.getMessage()).addMessages(results(answer.getMessage()));
        // Now the model may answer instead of calling again.
        request.getToolConfigBuilder().clearToolChoice();
      }
      throw new IllegalStateException("the model does not stop calling tools");
    }
  }

  private static Message results(Message calls) {
    Message.Builder results = Message.newBuilder().setRole(Role.ROLE_USER);
    for (ContentBlock block : calls.getContentList()) {
      if (block.hasToolUse()) {
        ToolUseBlock call = block.getToolUse();
        System.out.printf("the model calls %s with %s%n", call.getName(), call.getInputJson());
        results.addContent(
            ContentBlock.newBuilder()
                .setToolResult(
                    ToolResultBlock.newBuilder()
                        .setToolUseId(call.getToolUseId())
                        .addContent(
                            ToolResultContentBlock.newBuilder()
                                .setJson("{\"celsius\": 4, \"sky\": \"clear\"}"))));
      }
    }
    return results.build();
  }
}
