import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { loadServiceConfig } from "#client/service_config";
import { Code, VERSION } from "@bedrock-gateway/client";

/** From build/test, where this runs. */
const PACKAGE = new URL("../../", import.meta.url);

test("the package carries the service config of all clients", () => {
  const ours = readFileSync(new URL("service_config.json", PACKAGE));
  const original = readFileSync(new URL("../service_config.json", PACKAGE));

  assert.deepEqual(ours, original);
});

test("the version is that of the package", () => {
  const manifest = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")) as { version: string };

  assert.equal(VERSION, manifest.version);
});

test("each method has its deadline and its retries", () => {
  const config = loadServiceConfig();

  const invoke = config.method("bedrock.gateway.v1.InferenceService", "Invoke");
  const stream = config.method("bedrock.gateway.v1.InferenceService", "InvokeStream");
  const models = config.method("bedrock.gateway.v1.ModelService", "ListModels");

  assert.deepEqual(invoke, {
    timeoutMs: 120_000,
    retryPolicy: {
      maxAttempts: 3,
      initialBackoffMs: 200,
      maxBackoffMs: 2_000,
      backoffMultiplier: 2,
      retryableCodes: new Set([Code.Unavailable]),
    },
  });
  assert.equal(stream?.timeoutMs, 600_000);
  assert.equal(models?.timeoutMs, 10_000);
  assert.equal(models.retryPolicy?.maxAttempts, 4);
  assert.equal(config.method("grpc.health.v1.Health", "Check"), undefined);
  assert.deepEqual(config.throttling, { maxTokens: 10, tokenRatio: 0.1 });
  assert.equal(config.healthService, "bedrock.gateway.v1.ModelService");
});
