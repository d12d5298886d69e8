import assert from "node:assert/strict";
import { test } from "node:test";

import { Retries, RetryThrottle } from "#client/retry";
import type { RetryPolicy } from "#client/service_config";
import { Code } from "@bedrock-gateway/client";

const POLICY: RetryPolicy = {
  maxAttempts: 4,
  initialBackoffMs: 100,
  maxBackoffMs: 300,
  backoffMultiplier: 2,
  retryableCodes: new Set([Code.Unavailable]),
};
const UNAVAILABLE = { code: Code.Unavailable, pushback: null };
const NO_LIMIT = new RetryThrottle(undefined);

test("the backoff grows to its limit, and attempts end", () => {
  const retries = new Retries(POLICY, NO_LIMIT, () => 0.5);

  const delays = [1, 2, 3, 4].map(() => retries.delayAfter(UNAVAILABLE, Infinity));

  assert.deepEqual(delays, [100, 200, 300, undefined]);
  assert.equal(retries.previousAttempts, 3);
});

test("the backoff differs by a fifth", () => {
  const [shortest, longest] = [0, 1].map((random) =>
    new Retries(POLICY, NO_LIMIT, () => random).delayAfter(UNAVAILABLE, Infinity)?.toFixed(6),
  );

  assert.equal(shortest, "80.000000");
  assert.equal(longest, "120.000000");
});

test("only the codes of the policy are tried again", () => {
  const retries = new Retries(POLICY, NO_LIMIT);

  assert.equal(retries.delayAfter({ code: Code.ResourceExhausted, pushback: "5" }, Infinity), undefined);
  assert.equal(new Retries(undefined, NO_LIMIT).delayAfter(UNAVAILABLE, Infinity), undefined);
});

test("pushback replaces the backoff, which then starts over", () => {
  const retries = new Retries(POLICY, NO_LIMIT, () => 0.5);

  const delays = [null, "1500", null].map((pushback) => retries.delayAfter({ code: Code.Unavailable, pushback }, 9e9));

  assert.deepEqual(delays, [100, 1500, 100]);
});

for (const pushback of ["-1", "", "soon", "1.5"]) {
  test(`the pushback ${JSON.stringify(pushback)} means never`, () => {
    const retries = new Retries(POLICY, NO_LIMIT);

    assert.equal(retries.delayAfter({ code: Code.Unavailable, pushback }, Infinity), undefined);
  });
}

test("nothing waits beyond the deadline", () => {
  const retries = new Retries(POLICY, NO_LIMIT);

  assert.equal(retries.delayAfter({ code: Code.Unavailable, pushback: "1000" }, 1000), undefined);
  assert.equal(retries.delayAfter({ code: Code.Unavailable, pushback: "1000" }, 1001), 1000);
});

test("failures of a client stop its retries, and successes bring them back", () => {
  const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 0.5 });
  const fail = () => new Retries(POLICY, throttle).delayAfter(UNAVAILABLE, Infinity) !== undefined;

  const before = [fail(), fail()];
  throttle.succeeded();
  throttle.succeeded();
  const after = fail();

  assert.deepEqual(before, [true, false]);
  assert.equal(after, false, "3 less 1 is not more than half");
  throttle.succeeded();
  throttle.succeeded();
  assert.equal(throttle.allows(), true);
});

test("a pushback of never counts against the limit, other codes do not", () => {
  const throttle = new RetryThrottle({ maxTokens: 2, tokenRatio: 0.1 });

  new Retries(POLICY, throttle).delayAfter({ code: Code.NotFound, pushback: null }, Infinity);
  assert.equal(throttle.allows(), true);
  new Retries(POLICY, throttle).delayAfter({ code: Code.NotFound, pushback: "-1" }, Infinity);
  assert.equal(throttle.allows(), false);
});
