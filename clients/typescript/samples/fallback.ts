/** Which models may answer, and which did. Run: node build/samples/fallback.js */
import { Attempt_State, connect, ErrorReason } from "@bedrock-gateway/client";

const FIRST = "claude-3-opus";
const SECOND = "claude-sonnet-4-5";

const emulator = process.env["EMULATOR_URL"];
if (emulator === undefined) {
  console.log("EMULATOR_URL is not set: the first model will answer, unless it is throttled");
} else {
  await fetch(`${emulator}/_emulator/scenarios/${FIRST}`, {
    method: "PUT",
    body: JSON.stringify({ exception: { name: "ThrottlingException" } }),
  });
}

await using client = connect(process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051");

try {
  const response = await client.invoke({ model: FIRST, prompt: "Hi", routingConfig: { fallbackModels: [SECOND] } });

  for (const { number, model, state, error } of response.metadata?.attempts ?? []) {
    const cause = error === undefined ? "" : `: ${ErrorReason[error.reason]}`;
    console.log(`attempt ${String(number)}: ${model} ${Attempt_State[state]}${cause}`);
  }
  console.log(`answered by ${response.metadata?.model ?? "nobody"}: ${response.text}`);
} finally {
  if (emulator !== undefined) {
    await fetch(`${emulator}/_emulator/scenarios/${FIRST}`, { method: "DELETE" });
  }
}
