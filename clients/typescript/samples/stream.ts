/** An answer while it is generated, and then as a whole. Run: node build/samples/stream.js */
import { Collector, connect, StreamOptions_Recovery } from "@bedrock-gateway/client";

await using client = connect(process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051");

const stream = client.stream({
  prompt: "Write a haiku about rivers.",
  // If a model fails in the middle, the next one begins anew.
  streamOptions: { recovery: StreamOptions_Recovery.RESTART },
});

const collector = new Collector();
for await (const message of stream) {
  collector.add(message);
  const { event } = message;
  if (event.case === "contentBlockDelta" && event.value.delta.case === "text") {
    process.stdout.write(event.value.delta.value);
  } else if (event.case === "attempt" && event.value.outputDiscarded) {
    process.stdout.write("\n[forget the above: the model failed, another one begins]\n");
  }
}

const response = collector.response();
console.log(`\n${String(response.text.length)} characters from ${response.metadata?.model ?? "nobody"}`);
