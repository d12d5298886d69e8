/** The model calls a tool, this program answers, and the model goes on. Run: node build/samples/tools.js */
import {
  connect,
  ContentBlockSchema,
  create,
  type InvokeRequestInit,
  Role,
  StopReason,
  type ToolUseBlock,
  ToolResultStatus,
  ToolSpecSchema,
} from "@bedrock-gateway/client";

/** The rounds after which we stop, whatever the model wants. */
const MOST_ROUNDS = 5;

const TOOL = create(ToolSpecSchema, {
  name: "get_weather",
  description: "Current weather of a city",
  inputSchemaForm: {
    case: "inputSchema",
    value: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
});

await using client = connect(process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051");

const messages: NonNullable<InvokeRequestInit["messages"]> = [
  { role: Role.USER, content: [{ block: { case: "text", value: "What is the weather in Oslo?" } }] },
];

for (let round = 1; round <= MOST_ROUNDS; round++) {
  const response = await client.invoke({
    model: "claude-sonnet-4-5",
    messages,
    toolConfig: {
      tools: [{ tool: { case: "toolSpec", value: TOOL } }],
      // The first time it has to call a tool; then it may.
      toolChoice: { choice: round === 1 ? { case: "any", value: {} } : { case: "auto", value: {} } },
    },
  });
  if (response.message === undefined) {
    throw new Error("the answer has no message");
  }
  // The whole message goes back, unchanged.
  messages.push(response.message);
  if (response.stopReason !== StopReason.TOOL_USE) {
    console.log(`the model: ${response.text}`);
    break;
  }
  const calls = response.message.content.flatMap(({ block }) => (block.case === "toolUse" ? [block.value] : []));
  messages.push({ role: Role.USER, content: calls.map(answer) });
}

/** Runs the tool. A failure is told to the model, which can do something about it. */
function answer(call: ToolUseBlock) {
  const { city } = JSON.parse(call.inputJson) as { city?: unknown };
  const isKnown = typeof city === "string";
  const output = JSON.stringify(isKnown ? { city, celsius: -3 } : { problem: "city has to be a string" });
  console.log(`${call.name}(${call.inputJson}) = ${output}`);
  return create(ContentBlockSchema, {
    block: {
      case: "toolResult",
      value: {
        toolUseId: call.toolUseId,
        content: [{ block: { case: "json", value: output } }],
        status: isKnown ? ToolResultStatus.SUCCESS : ToolResultStatus.ERROR,
      },
    },
  });
}
