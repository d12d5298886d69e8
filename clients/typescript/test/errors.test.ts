import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";

import { gatewayError } from "#client/errors";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "#client/gen/google/rpc/error_details_pb";
import { StatusSchema } from "#client/gen/google/rpc/status_pb";
import {
  Attempt_State,
  CancelledError,
  Code,
  DeadlineExceededError,
  ErrorReason,
  GatewayError,
  InvalidRequestError,
  InvocationFailureSchema,
  ThrottledError,
  UnavailableError,
} from "@bedrock-gateway/client";

function detail<M extends DescMessage>(schema: M, init: MessageInitShape<M>) {
  return anyPack(schema, create(schema, init));
}

function failed(code: Code, details: ReturnType<typeof detail>[], trailers: Record<string, string> = {}): GatewayError {
  const status = create(StatusSchema, { code, message: "what happened", details });
  return gatewayError({
    code,
    message: "what happened",
    details: toBinary(StatusSchema, status),
    trailers: new Headers(trailers),
  });
}

test("every detail is decoded", () => {
  const error = failed(Code.ResourceExhausted, [
    detail(ErrorInfoSchema, {
      reason: "UPSTREAM_THROTTLED",
      domain: "bedrock.gateway",
      metadata: { help: "docs/errors.md#upstream_throttled", model: "m" },
    }),
    detail(RequestInfoSchema, { requestId: "r-1" }),
    detail(RetryInfoSchema, { retryDelay: { seconds: 1n, nanos: 500_000_000 } }),
    detail(BadRequestSchema, { fieldViolations: [{ field: "f", reason: "REQUIRED", description: "d" }] }),
    detail(QuotaFailureSchema, { violations: [{ subject: "s", description: "q" }] }),
    detail(PreconditionFailureSchema, { violations: [{ type: "t", subject: "u", description: "p" }] }),
    detail(InvocationFailureSchema, {
      outputStarted: true,
      metadata: {
        attempts: [
          { number: 1, model: "m", state: Attempt_State.FAILED, error: { reason: ErrorReason.UPSTREAM_THROTTLED } },
        ],
        totalCost: { currencyCode: "USD", totalNanos: 5n },
      },
    }),
  ]);

  assert(error instanceof ThrottledError);
  assert.equal(error.code, Code.ResourceExhausted);
  assert.equal(error.codeName, "RESOURCE_EXHAUSTED");
  assert.equal(error.reason, "UPSTREAM_THROTTLED");
  assert.equal(error.statusMessage, "what happened");
  assert.equal(error.requestId, "r-1");
  assert.equal(error.retryDelayMs, 1500);
  assert.deepEqual(error.fieldViolations, [{ field: "f", reason: "REQUIRED", description: "d" }]);
  assert.deepEqual(error.quotaViolations, [{ subject: "s", description: "q" }]);
  assert.deepEqual(error.preconditionViolations, [{ type: "t", subject: "u", description: "p" }]);
  assert.equal(error.help, "docs/errors.md#upstream_throttled");
  assert.equal(error.metadata["model"], "m");
  assert.equal(error.attempts[0]?.error?.reason, ErrorReason.UPSTREAM_THROTTLED);
  assert.equal(error.failure?.metadata?.totalCost?.totalNanos, 5n);
  assert.equal(error.outputStarted, true);
  assert.equal(error.status?.details.length, 7);
  assert.equal(String(error), "ThrottledError: RESOURCE_EXHAUSTED UPSTREAM_THROTTLED: what happened (request id r-1)");
});

test("an error without details still says what it can", () => {
  const error = gatewayError({
    code: Code.Unavailable,
    message: "no connection",
    headers: new Headers({ "x-request-id": "r-2" }),
    details: new Uint8Array([255, 255]),
  });

  assert.equal(error.reason, "");
  assert.equal(error.requestId, "r-2");
  assert.equal(error.retryDelayMs, undefined);
  assert.deepEqual(error.attempts, []);
  assert.equal(error.message, "UNAVAILABLE: no connection (request id r-2)");
});

for (const [code, type] of [
  [Code.InvalidArgument, InvalidRequestError],
  [Code.ResourceExhausted, ThrottledError],
  [Code.Unavailable, UnavailableError],
  [Code.DeadlineExceeded, DeadlineExceededError],
  [Code.Canceled, CancelledError],
  [Code.NotFound, GatewayError],
  [Code.Internal, GatewayError],
] as const) {
  test(`${Code[code]} is a ${type.name}`, () => {
    const error = gatewayError({ code, message: "m" });

    assert.equal(error.constructor, type);
    assert.equal(error.name, type.name);
  });
}

test("it may be tried again if the gateway says when, or cannot be reached and does not say never", () => {
  const retry = detail(RetryInfoSchema, { retryDelay: { seconds: 1n } });

  assert.equal(failed(Code.ResourceExhausted, [retry]).isRetryable, true);
  assert.equal(failed(Code.ResourceExhausted, []).isRetryable, false);
  assert.equal(failed(Code.Unavailable, []).isRetryable, true);
  assert.equal(failed(Code.Unavailable, [], { "grpc-retry-pushback-ms": "100" }).isRetryable, true);
  assert.equal(failed(Code.Unavailable, [], { "grpc-retry-pushback-ms": "-1" }).isRetryable, false);
  assert.equal(failed(Code.Aborted, []).isRetryable, false);
});

test("what is shown of an error leaves out headers and trailers", () => {
  const error = failed(Code.Internal, [], { "x-token": "secret" });

  assert.doesNotMatch(inspect(error, { showHidden: true, depth: null }) + JSON.stringify(error), /secret/);
});
