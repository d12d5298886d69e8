/**
 * Makes the calls that it reads as lines of JSON on standard input, with this package, and says on standard output what
 * came of each. `bedrock-gateway conformance --client` starts it.
 */
import { createInterface } from "node:readline";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";

import { StatusSchema } from "#client/gen/google/rpc/status_pb";
import {
  type CallOptions,
  Collector,
  connect,
  CountTokensRequestSchema,
  CountTokensResponseSchema,
  GatewayError,
  GetModelRequestSchema,
  GetModelResponseSchema,
  InvokeRequestSchema,
  InvokeResponseSchema,
  InvokeStreamRequestSchema,
  InvokeStreamResponseSchema,
  ListModelsRequestSchema,
  ListModelsResponseSchema,
  type Model,
} from "@bedrock-gateway/client";

/** Calls side by side. */
const MOST_CALLS = 16;

interface Order {
  readonly id: number;
  readonly method: string;
  readonly request: string;
  readonly timeoutMs: number;
}

/** What came of a call, as far as it went. */
type Reply = Record<string, unknown>;

const client = connect(process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051");
const running = new Set<Promise<void>>();

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") {
    continue;
  }
  const call = carryOut(line);
  running.add(call);
  void call.finally(() => running.delete(call));
  if (running.size >= MOST_CALLS) {
    await Promise.race(running);
  }
}
await Promise.all(running);
client.close();

async function carryOut(line: string): Promise<void> {
  let order: Order;
  try {
    order = JSON.parse(line) as Order;
  } catch {
    print({ id: null, error: { code: 2, message: "the line is not JSON" } });
    return;
  }
  const reply: Reply = { id: order.id };
  try {
    await call(order, reply);
  } catch (error) {
    if (error instanceof GatewayError) {
      // Headers that came before the failure; trailers alone are no headers.
      if ([...error.headers].length > 0) {
        reply["headers"] = ascii(error.headers);
      }
      reply["error"] = told(error);
    } else {
      reply["error"] = { code: 2, message: String(error) };
    }
  }
  print(reply);
}

async function call({ method, request, timeoutMs }: Order, reply: Reply): Promise<void> {
  const bytes = Buffer.from(request, "base64");
  const options: CallOptions = { timeoutMs, onHeader: (headers) => (reply["headers"] = ascii(headers)) };
  switch (method) {
    case "Invoke": {
      const response = await client.invoke(fromBinary(InvokeRequestSchema, bytes), options);
      reply["response"] = base64(toBinary(InvokeResponseSchema, response));
      break;
    }
    case "InvokeStream":
      await stream(bytes, options, reply);
      break;
    case "CountTokens": {
      const response = await client.countTokens(fromBinary(CountTokensRequestSchema, bytes), options);
      reply["response"] = base64(toBinary(CountTokensResponseSchema, response));
      break;
    }
    case "ListModels": {
      const wanted = fromBinary(ListModelsRequestSchema, bytes);
      const response =
        wanted.pageToken === "" && wanted.pageSize === 0
          ? create(ListModelsResponseSchema, { models: await allModels(options) })
          : await client.listModelsPage(wanted, options);
      reply["response"] = base64(toBinary(ListModelsResponseSchema, response));
      break;
    }
    case "GetModel": {
      const model = await client.getModel(fromBinary(GetModelRequestSchema, bytes).name, options);
      reply["response"] = base64(toBinary(GetModelResponseSchema, create(GetModelResponseSchema, { model })));
      break;
    }
    default:
      throw new TypeError(`there is no method ${method}`);
  }
}

async function stream(bytes: Uint8Array, options: CallOptions, reply: Reply): Promise<void> {
  const started = performance.now();
  const collector = new Collector();
  const events: string[] = [];
  reply["events"] = events;
  for await (const event of client.stream(fromBinary(InvokeStreamRequestSchema, bytes), options)) {
    if (event.event.case === "contentBlockStart" || event.event.case === "contentBlockDelta") {
      reply["firstContentMs"] ??= performance.now() - started;
    }
    events.push(base64(toBinary(InvokeStreamResponseSchema, event)));
    collector.add(event);
  }
  reply["collected"] = base64(toBinary(InvokeResponseSchema, collector.response()));
}

async function allModels(options: CallOptions): Promise<Model[]> {
  const models: Model[] = [];
  for await (const model of client.listModels(options)) {
    models.push(model);
  }
  return models;
}

function told(error: GatewayError): Reply {
  return {
    code: error.code,
    message: error.statusMessage,
    ...(error.status && { details: base64(toBinary(StatusSchema, error.status)) }),
    trailers: ascii(error.trailers),
    reason: error.reason,
    requestId: error.requestId,
    ...(error.retryDelayMs !== undefined && { retryDelayMs: error.retryDelayMs }),
    violations: error.fieldViolations,
    help: error.help,
    attempts: error.attempts.length,
    outputStarted: error.outputStarted,
    retryable: error.isRetryable,
  };
}

/** Headers without binary ones. */
function ascii(headers: Headers): Record<string, string[]> {
  const kept = [...headers].filter(([name]) => !name.endsWith("-bin"));
  return Object.fromEntries(kept.map(([name, value]) => [name, [value]]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function print(reply: Reply): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
