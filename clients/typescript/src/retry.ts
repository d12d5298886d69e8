import type { Code } from "@connectrpc/connect";

import type { RetryPolicy, ThrottlingConfig } from "./service_config.js";

/**
 * The limit on retries of a whole client: failures take tokens, successes give some back, and with half of them gone
 * nothing is tried again.
 */
export class RetryThrottle {
  readonly #config: ThrottlingConfig | undefined;
  #tokens: number;

  constructor(config: ThrottlingConfig | undefined) {
    this.#config = config;
    this.#tokens = config?.maxTokens ?? 0;
  }

  /** A call that ended with OK. */
  succeeded(): void {
    if (this.#config !== undefined) {
      this.#tokens = Math.min(this.#tokens + this.#config.tokenRatio, this.#config.maxTokens);
    }
  }

  /** An attempt that failed with a code that is tried again, or that was told not to be. */
  failed(): void {
    this.#tokens = Math.max(this.#tokens - 1, 0);
  }

  /** Whether anything may be tried again. */
  allows(): boolean {
    return this.#config === undefined || this.#tokens > this.#config.maxTokens / 2;
  }
}

/** What is known of an attempt that failed before headers came. */
export interface FailedAttempt {
  readonly code: Code;
  /** The trailer `grpc-retry-pushback-ms`, `null` without it. */
  readonly pushback: string | null;
}

/**
 * Decides on the attempts of one call by gRFC A6: https://github.com/grpc/proposal/blob/master/A6-client-retries.md,
 * seen 2026-11-29. The caller asks only as long as no headers came.
 */
export class Retries {
  readonly #policy: RetryPolicy | undefined;
  readonly #throttle: RetryThrottle;
  readonly #random: () => number;
  #attempts = 1;
  #backoffs = 0;

  constructor(policy: RetryPolicy | undefined, throttle: RetryThrottle, random: () => number = Math.random) {
    this.#policy = policy;
    this.#throttle = throttle;
    this.#random = random;
  }

  /** How many attempts came before the one under way. */
  get previousAttempts(): number {
    return this.#attempts - 1;
  }

  /** How long to wait before the next attempt, in milliseconds; `undefined` if there is to be none. */
  delayAfter(failure: FailedAttempt, remainingMs: number): number | undefined {
    const policy = this.#policy;
    if (policy === undefined) {
      return undefined;
    }
    const pushbackMs = readPushback(failure.pushback);
    if (policy.retryableCodes.has(failure.code) || pushbackMs === "never") {
      this.#throttle.failed();
    }
    if (
      !policy.retryableCodes.has(failure.code) ||
      pushbackMs === "never" ||
      this.#attempts >= policy.maxAttempts ||
      !this.#throttle.allows()
    ) {
      return undefined;
    }
    const delayMs = pushbackMs ?? this.#backoff(policy);
    // What could only end with the caller's deadline ends now, with a cause.
    if (delayMs >= remainingMs) {
      return undefined;
    }
    this.#attempts += 1;
    this.#backoffs = pushbackMs === undefined ? this.#backoffs + 1 : 0;
    return delayMs;
  }

  /** Grows with each attempt, and differs by up to a fifth so that clients do not come back all at once. */
  #backoff(policy: RetryPolicy): number {
    const backoffMs = policy.initialBackoffMs * policy.backoffMultiplier ** this.#backoffs;
    return Math.min(backoffMs, policy.maxBackoffMs) * (0.8 + 0.4 * this.#random());
  }
}

/** What a server says on when to come back. What cannot be read means never, as gRFC A6 wants it. */
export function readPushback(value: string | null): number | "never" | undefined {
  if (value === null) {
    return undefined;
  }
  return /^\d{1,10}$/.test(value) ? Number(value) : "never";
}
