/** Three ways to end a call before its end; each ends the call of the model too. Run: node build/samples/cancel.js */
import { CancelledError, connect, DeadlineExceededError } from "@bedrock-gateway/client";

await using client = connect(process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051");

// Leaving the loop.
for await (const { event } of client.stream("Count to a million.")) {
  if (event.case === "contentBlockDelta") {
    console.log("left the stream after its first piece");
    break;
  }
}

// A signal.
const controller = new AbortController();
const call = client.invoke("Count to a million.", { signal: controller.signal });
controller.abort();
try {
  await call;
} catch (error) {
  if (!(error instanceof CancelledError)) {
    throw error;
  }
  console.log(`a signal: ${error.message}`);
}

// A deadline, which the gateway knows too.
try {
  await client.invoke("Count to a million.", { timeoutMs: 1 });
  console.log("the answer came within a millisecond");
} catch (error) {
  if (!(error instanceof DeadlineExceededError)) {
    throw error;
  }
  console.log(`a deadline: ${error.message}`);
}
