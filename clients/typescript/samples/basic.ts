/** A prompt, its answer, and what it took. Run: node build/samples/basic.js */
import { connect } from "@bedrock-gateway/client";

await using client = connect(process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051");

const response = await client.invoke({
  prompt: "Name three moons of Jupiter.",
  system: [{ block: { case: "text", value: "Answer in one line." } }],
  inferenceConfig: { maxTokens: 100, temperature: 0 },
});

console.log(response.text);
const { model, usage, cost, requestId } = response.metadata ?? {};
console.log(`answered by ${model ?? "nobody"}, request ${requestId ?? ""}`);
console.log(`${String(usage?.inputTokens ?? 0)} tokens in, ${String(usage?.outputTokens ?? 0)} out`);
if (cost !== undefined) {
  console.log(`cost: ${(Number(cost.totalNanos) / 1e9).toFixed(6)} ${cost.currencyCode}`);
}
