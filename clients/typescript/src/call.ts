import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

import { type Answer, Attempt, type Method } from "./attempt.js";
import type { Channel } from "./channel.js";
import { gatewayError, type GatewayError } from "./errors.js";
import { Retries, type RetryThrottle } from "./retry.js";
import type { RetryPolicy } from "./service_config.js";
import { USER_AGENT } from "./version.js";

/** What a call needs besides its request. */
export interface CallSettings {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly retryPolicy: RetryPolicy | undefined;
  /** Metadata of the caller. */
  readonly headers: () => Promise<Headers>;
  readonly onHeader: ((headers: Headers) => void) | undefined;
  readonly onTrailer: ((trailers: Headers) => void) | undefined;
}

/** What calls share. */
export interface Shared {
  readonly channel: Channel;
  readonly throttle: RetryThrottle;
}

/** Makes a call that has one answer. */
export async function unary<I extends DescMessage, O extends DescMessage>(
  shared: Shared,
  method: Method<I, O>,
  request: MessageInitShape<I>,
  settings: CallSettings,
): Promise<MessageShape<O>> {
  const call = new Call(shared, method, request, settings);
  const first = await call.next();
  if (first.done === true) {
    throw gatewayError({ code: Code.Internal, message: "the answer has no message" });
  }
  const second = await call.next();
  if (second.done !== true) {
    await call.return();
    throw gatewayError({ code: Code.Internal, message: "the answer has more than one message" });
  }
  return first.value;
}

/** A call, from its first attempt to its status. It begins when the first message of the answer is asked for. */
export class Call<I extends DescMessage, O extends DescMessage> implements AsyncIterator<MessageShape<O>> {
  readonly #shared: Shared;
  readonly #method: Method<I, O>;
  readonly #request: MessageShape<I>;
  readonly #settings: CallSettings;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #deadline = Infinity;
  /** Why the call ended from this side. */
  #ended: GatewayError | undefined;
  #isOver = false;
  #opening: Promise<void> | undefined;
  #attempt: Attempt | undefined;
  #answer: Answer<O> | undefined;
  #messages: AsyncIterator<MessageShape<O>> | undefined;

  constructor(shared: Shared, method: Method<I, O>, request: MessageInitShape<I>, settings: CallSettings) {
    this.#shared = shared;
    this.#method = method;
    this.#request = create(method.input, request);
    this.#settings = settings;
  }

  async next(): Promise<IteratorResult<MessageShape<O>, undefined>> {
    if (this.#messages === undefined) {
      if (this.#isOver) {
        return { done: true, value: undefined };
      }
      this.#opening ??= this.#open();
      await this.#opening;
    }
    try {
      const result = await this.#messages?.next();
      if (result !== undefined && result.done !== true) {
        return result;
      }
    } catch (reason) {
      throw this.#failed(reason);
    }
    if (!this.#isOver) {
      this.#finish();
      this.#shared.throttle.succeeded();
      if (this.#answer !== undefined) {
        this.#settings.onTrailer?.(this.#answer.trailer);
      }
    }
    return { done: true, value: undefined };
  }

  /** Cancels the call, upstream too, unless it is over. */
  return(): Promise<IteratorResult<MessageShape<O>, undefined>> {
    this.#end(gatewayError({ code: Code.Canceled, message: "the caller left the answer before its end" }));
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Makes attempts until one has headers. */
  async #open(): Promise<void> {
    const { timeoutMs, signal, retryPolicy } = this.#settings;
    this.#watch(timeoutMs, signal);
    // A failure here is the caller's own, and stays as it is.
    const headers = await this.#settings.headers().catch((error: unknown) => {
      this.#finish();
      throw error;
    });
    const retries = new Retries(retryPolicy, this.#shared.throttle);
    for (;;) {
      const attempt = new Attempt(this.#shared.channel, () => this.#remainingMs());
      this.#attempt = attempt;
      try {
        this.#controller.signal.throwIfAborted();
        const answer = await attempt.open(
          this.#method,
          this.#request,
          attemptHeaders(headers, retries.previousAttempts),
          this.#controller.signal,
        );
        this.#answer = answer;
        this.#messages = answer.message[Symbol.asyncIterator]();
        break;
      } catch (reason) {
        await this.#waitAfter(attempt.failure(reason), retries);
      }
    }
    this.#settings.onHeader?.(this.#answer.header);
  }

  /** Waits until the next attempt is due; throws if there is to be none. */
  async #waitAfter(failure: GatewayError, retries: Retries): Promise<void> {
    const { signal } = this.#controller;
    const pushback = failure.trailers.get("grpc-retry-pushback-ms");
    const delayMs = signal.aborted
      ? undefined
      : retries.delayAfter({ code: failure.code, pushback }, this.#remainingMs());
    if (delayMs === undefined) {
      this.#finish();
      throw this.#ended ?? failure;
    }
    // If the call ends meanwhile, the next attempt notices.
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }

  /** From now on the deadline, the caller's signal and the end of the client end the call. */
  #watch(timeoutMs: number, signal: AbortSignal | undefined): void {
    this.#deadline = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => {
      const message = `the deadline of ${String(timeoutMs)} ms passed`;
      // The gateway answers a moment before, with more to say; what is here already is read first.
      setImmediate(() => {
        this.#end(gatewayError({ code: Code.DeadlineExceeded, message }));
      });
    }, timeoutMs);
    for (const [source, onAbort] of [
      [signal, this.#onSignal],
      [this.#shared.channel.closed, this.#onClosed],
    ] as const) {
      if (source?.aborted === true) {
        onAbort();
      }
      if (source !== undefined) {
        // Many calls may share one; each leaves it again.
        setMaxListeners(0, source);
        source.addEventListener("abort", onAbort);
      }
    }
  }

  readonly #onSignal = (): void => {
    const cause: unknown = this.#settings.signal?.reason;
    this.#end(
      cause instanceof Error && cause.name === "TimeoutError"
        ? gatewayError({ code: Code.DeadlineExceeded, message: "the time of the caller's signal passed", cause })
        : gatewayError({ code: Code.Canceled, message: "the caller's signal ended the call", cause }),
    );
  };

  readonly #onClosed = (): void => {
    this.#end(gatewayError({ code: Code.Canceled, message: "the client is closed" }));
  };

  #remainingMs(): number {
    return this.#deadline - performance.now();
  }

  #end(why: GatewayError): void {
    if (!this.#isOver && this.#ended === undefined) {
      this.#ended = why;
      // The code makes the transport reset the stream with CANCEL.
      this.#controller.abort(new ConnectError(why.statusMessage, Code.Canceled));
    }
  }

  #failed(reason: unknown): GatewayError {
    this.#finish();
    const failure = this.#ended ?? this.#attempt?.failure(reason, this.#answer);
    return failure ?? gatewayError({ code: Code.Internal, message: "the call failed", cause: reason });
  }

  #finish(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#settings.signal?.removeEventListener("abort", this.#onSignal);
    this.#shared.channel.closed.removeEventListener("abort", this.#onClosed);
  }
}

function attemptHeaders(own: Headers, previousAttempts: number): Headers {
  const headers = new Headers(own);
  headers.set("user-agent", USER_AGENT);
  if (previousAttempts > 0) {
    headers.set("grpc-previous-rpc-attempts", String(previousAttempts));
  }
  return headers;
}
