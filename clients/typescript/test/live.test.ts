import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";

import { toJson } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";

import {
  type CallOptions,
  CancelledError,
  Code,
  connect,
  DeadlineExceededError,
  ErrorReason,
  GatewayError,
  InvalidRequestError,
  InvokeResponseSchema,
  Model_State,
  Role,
  RoutingConfig_FallbackMode,
  StreamOptions_Recovery,
  ThrottledError,
} from "@bedrock-gateway/client";

import { journal, resetEmulator, setScenario } from "./emulator.js";

const client = connect(process.env["GATEWAY_ADDRESS"] ?? "");
after(() => {
  client.close();
});
afterEach(resetEmulator);

/** Tests that break a model have one of their own, so that its circuit is no matter to others. */
const ALONE = { fallbackMode: RoutingConfig_FallbackMode.DISABLED, maxAttempts: 1 };

async function failure(promise: Promise<unknown>): Promise<GatewayError> {
  const [result] = await Promise.allSettled([promise]);
  assert(result.status === "rejected", "the call did not fail");
  assert(result.reason instanceof GatewayError, String(result.reason));
  return result.reason;
}

test("a prompt is answered, with headers and trailers", async () => {
  let headers = new Headers();
  let trailers = new Headers();
  const options: CallOptions = { onHeader: (h) => (headers = h), onTrailer: (t) => (trailers = t) };

  const response = await client.invoke("Hi", options);

  assert.match(response.text, /^\[emulator\]/);
  assert.equal(response.message?.role, Role.ASSISTANT);
  assert.equal(headers.get("x-request-id"), response.metadata?.requestId);
  assert.equal(trailers.get("grpc-status"), "0");
});

test("a stream, collected, is what invoke gives", async () => {
  const request = { model: "claude-sonnet-4-5", prompt: "Reply with something", inferenceConfig: { maxTokens: 50 } };

  const whole = await client.invoke(request);
  const collected = await client.stream(request).collect();

  const comparable = (response: typeof whole) => {
    assert((response.metadata?.usage?.outputTokens ?? 0) > 0);
    return toJson(InvokeResponseSchema, { ...response, metadata: undefined });
  };
  assert.deepEqual(comparable(collected), comparable(whole));
});

test("a request that breaks rules is refused with every field", async () => {
  const error = await failure(client.invoke({ model: "?", prompt: "Hi", inferenceConfig: { maxTokens: -1 } }));

  assert(error instanceof InvalidRequestError);
  assert.equal(error.reason, "INVALID_REQUEST");
  assert.deepEqual(error.fieldViolations.map(({ field }) => field).sort(), ["inference_config.max_tokens", "model"]);
  assert.match(error.requestId, /^[0-9a-f-]{36}$/);
  assert.match(error.help, /^docs\/errors.md#/);
  assert.equal(error.isRetryable, false);
});

test("a throttled model is told with the time to wait and its attempts", async () => {
  await setScenario("claude-3-5-haiku", { exception: { name: "ThrottlingException" } });

  const error = await failure(client.invoke({ model: "claude-3-5-haiku", prompt: "Hi", routingConfig: ALONE }));

  assert(error instanceof ThrottledError);
  assert.equal(error.reason, "UPSTREAM_THROTTLED");
  assert((error.retryDelayMs ?? 0) > 0);
  assert.equal(error.isRetryable, true);
  assert.equal(error.attempts[0]?.error?.reason, ErrorReason.UPSTREAM_THROTTLED);
  assert.equal(error.outputStarted, false);
});

test("a stream that breaks throws, and gives no part of an answer", async () => {
  await setScenario("claude-3-sonnet", { cut: { afterEvents: 4 } });

  const error = await failure(
    client.stream({ model: "claude-3-sonnet", prompt: "Hi", routingConfig: ALONE }).collect(),
  );

  assert.equal(error.code, Code.Aborted);
  assert.equal(error.reason, "STREAM_INTERRUPTED");
  assert.equal(error.outputStarted, true);
});

test("a stream that begins anew is collected without what was discarded", async () => {
  await setScenario("claude-3-opus", { reply: { text: "one two three four five six" }, cut: { afterEvents: 4 } });
  await setScenario("claude-sonnet-4-5", { reply: { text: "the second" } });
  const request = {
    model: "claude-3-opus",
    prompt: "Hi",
    routingConfig: { fallbackModels: ["claude-sonnet-4-5"] },
    streamOptions: { recovery: StreamOptions_Recovery.RESTART },
  };

  const response = await client.stream(request).collect();

  assert.equal(response.text, "the second");
  assert.equal(response.metadata?.model, "claude-sonnet-4-5");
});

test("a model that is too slow is told with its attempt", async () => {
  await setScenario("claude-3-5-sonnet-v1", { hang: {} });
  const routingConfig = { ...ALONE, attemptTimeout: durationFromMs(300) };

  const error = await failure(client.invoke({ model: "claude-3-5-sonnet-v1", prompt: "Hi", routingConfig }));

  assert(error instanceof DeadlineExceededError);
  assert.equal(error.reason, "ATTEMPT_TIMEOUT");
  assert.equal(error.attempts[0]?.model, "claude-3-5-sonnet-v1");
});

test("the deadline ends the call of the model", async () => {
  await setScenario("claude-3-5-sonnet-v1", { hang: {} });

  const error = await failure(
    client.invoke({ model: "claude-3-5-sonnet-v1", prompt: "Hi", routingConfig: ALONE }, { timeoutMs: 500 }),
  );

  assert(error instanceof DeadlineExceededError);
  assert.equal((await journal((entry) => entry.clientClosed)).clientClosed, true);
});

test("leaving a stream ends the call of the model", async () => {
  await setScenario("claude-3-5-sonnet-v2", {
    reply: { text: "one two three four five six" },
    hang: { afterEvents: 4 },
  });

  for await (const { event } of client.stream({ model: "claude-3-5-sonnet-v2", prompt: "Hi", routingConfig: ALONE })) {
    if (event.case === "contentBlockDelta") {
      break;
    }
  }

  assert.equal((await journal((entry) => entry.clientClosed)).clientClosed, true);
});

test("a signal ends the call of the model", async () => {
  const controller = new AbortController();
  await setScenario("claude-3-5-sonnet-v2", { hang: {} });

  const call = failure(
    client.invoke({ model: "claude-3-5-sonnet-v2", prompt: "Hi", routingConfig: ALONE }, { signal: controller.signal }),
  );
  await journal(() => true);
  controller.abort();

  assert((await call) instanceof CancelledError);
  assert.equal((await journal((entry) => entry.clientClosed)).clientClosed, true);
});

test("tokens are counted", async () => {
  const { inputTokens, model } = await client.countTokens({ model: "claude-sonnet-4-5", prompt: "Hi" });

  assert(inputTokens > 0);
  assert.equal(model, "claude-sonnet-4-5");
});

test("models are listed over pages, and found by alias", async () => {
  const names: string[] = [];
  for await (const model of client.listModels({ pageSize: 3 })) {
    names.push(model.name);
  }
  const whole = await client.listModelsPage();
  const model = await client.getModel("claude-sonnet-4.5");

  assert.deepEqual(
    names,
    whole.models.map(({ name }) => name),
  );
  assert(names.length > 3);
  assert.equal(model.name, "claude-sonnet-4-5");
  assert.equal(model.state, Model_State.ACTIVE);
});

test("a model that is not there is NOT_FOUND", async () => {
  const error = await failure(client.getModel("nobody"));

  assert.equal(error.code, Code.NotFound);
  assert.equal(error.reason, "MODEL_NOT_FOUND");
});

test("health is told of services, models and the process", async () => {
  assert.equal(await client.health(), true);
  assert.equal(await client.health("bedrock.gateway.v1.ModelService"), true);
  assert.equal(await client.health("models/claude-sonnet-4-5"), true);
  assert.equal(await client.health("liveness"), true);
  assert.equal((await failure(client.health("models/nobody"))).code, Code.NotFound);
});
