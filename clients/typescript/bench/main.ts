/**
 * Measures how fast events of a stream are read: `node build/bench/main.js`, against a gateway with an emulator.
 *
 * Prints events per second, and microseconds of this process' CPU time for each event. GATEWAY_ADDRESS and EMULATOR_URL
 * name the two; EVENTS says how many pieces the answer has, RUNS how often it is read.
 */
import { Collector, connect } from "@bedrock-gateway/client";

const address = process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051";
const emulator = process.env["EMULATOR_URL"] ?? "http://127.0.0.1:8787";
const pieces = Number(process.env["EVENTS"] ?? "20000");
const runs = Number(process.env["RUNS"] ?? "5");
const model = "claude-sonnet-4-5";

const events = [
  { messageStart: { role: "assistant" } },
  ...Array.from({ length: pieces }, () => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text: "word " } } })),
  { contentBlockStop: { contentBlockIndex: 0 } },
  { messageStop: { stopReason: "end_turn" } },
  { metadata: { usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 }, metrics: { latencyMs: 1 } } },
];

const scenario = `${emulator}/_emulator/scenarios/${model}`;
const set = await fetch(scenario, { method: "PUT", body: JSON.stringify({ reply: { events } }) });
if (!set.ok) {
  throw new Error(`the emulator refuses the scenario: ${await set.text()}`);
}
try {
  await using client = connect(address);
  await measure(client.stream({ model, prompt: "Hi" }), "warm-up");
  for (let run = 1; run <= runs; run++) {
    await measure(client.stream({ model, prompt: "Hi" }), `run ${String(run)}`);
  }
} finally {
  await fetch(scenario, { method: "DELETE" });
}

async function measure(stream: ReturnType<ReturnType<typeof connect>["stream"]>, title: string): Promise<void> {
  const started = performance.now();
  const before = process.cpuUsage();
  const collector = new Collector();
  let count = 0;
  for await (const event of stream) {
    collector.add(event);
    count += 1;
  }
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const { text } = collector.response();
  console.log(
    `${title}: ${String(count)} events with ${String(text.length)} characters in ${seconds.toFixed(2)} s: ` +
      `${(count / seconds).toFixed(0)} events per second, ` +
      `${((user + system) / count).toFixed(1)} microseconds of CPU for each`,
  );
}
