import { fromBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import type { Message } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";

import { type Attempt, type InvocationFailure, InvocationFailureSchema } from "./gen/bedrock/gateway/v1/results_pb.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "./gen/google/rpc/status_pb.js";
import { readPushback } from "./retry.js";

/** A field of a request that breaks a rule. */
export interface FieldViolation {
  /** Path of the field, for example `messages[2].content[0].image.mime_type`. */
  readonly field: string;
  /** Which rule, for programs, for example `REQUIRED`. */
  readonly reason: string;
  /** What is wrong and what is allowed, for people. */
  readonly description: string;
}

/** A limit of the gateway that was exceeded. */
export interface QuotaViolation {
  /** Whose limit. */
  readonly subject: string;
  /** Which limit, for people. */
  readonly description: string;
}

/** What has to be mended before the call can succeed. */
export interface PreconditionViolation {
  /** Kind of precondition. */
  readonly type: string;
  /** What it is about, for example a model. */
  readonly subject: string;
  /** What to do, for people. */
  readonly description: string;
}

/** What a status is made of. */
export interface StatusParts {
  readonly code: Code;
  readonly message: string;
  /** `grpc-status-details-bin`, `undefined` without it. */
  readonly details?: Uint8Array | undefined;
  readonly headers?: Headers | undefined;
  readonly trailers?: Headers | undefined;
  readonly cause?: unknown;
}

/**
 * A call that failed.
 *
 * Decide by `reason`, or by `code` where the reason is not known or empty; never by the message. The subclasses are the
 * cases in which callers do something else; all others are of this class itself. Neither the message nor what
 * `console.log` shows holds prompts, answers or metadata that was sent.
 */
export class GatewayError extends Error {
  override name = "GatewayError";
  /** The gRPC status code. */
  readonly code: Code;
  /**
   * Name of the `ErrorReason` without its prefix, for example `"UPSTREAM_THROTTLED"`. Empty if the gateway did not say,
   * as when it cannot be reached.
   */
  readonly reason: string;
  /** The id under which the gateway logged the call. Empty if the gateway did not say. */
  readonly requestId: string;
  /** How long to wait before the same call may succeed, in milliseconds. `undefined` if waiting does not help. */
  readonly retryDelayMs: number | undefined;
  /** Every field of the request that is at fault. */
  readonly fieldViolations: readonly FieldViolation[];
  /** The limits of the gateway that were exceeded. */
  readonly quotaViolations: readonly QuotaViolation[];
  /** What has to be mended before. */
  readonly preconditionViolations: readonly PreconditionViolation[];
  /** Facts of the message for programs, such as `model`, `region`, `upstreamError` and `attempts`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #statusMessage: string;
  readonly #failure: InvocationFailure | undefined;
  readonly #status: Status | undefined;
  readonly #headers: Headers;
  readonly #trailers: Headers;

  /** @internal */
  constructor(parts: StatusParts) {
    const details = readDetails(parts.details);
    const reason = details.info?.reason ?? "";
    const requestId =
      details.request?.requestId ?? parts.trailers?.get("x-request-id") ?? parts.headers?.get("x-request-id") ?? "";
    super(describe(parts.code, reason, parts.message, requestId), { cause: parts.cause });
    if (parts.cause === undefined) {
      delete this.cause;
    }
    this.code = parts.code;
    this.reason = reason;
    this.requestId = requestId;
    this.retryDelayMs = details.retry?.retryDelay && durationMs(details.retry.retryDelay);
    this.fieldViolations = (details.badRequest?.fieldViolations ?? []).map(({ field, reason, description }) => ({
      field,
      reason,
      description,
    }));
    this.quotaViolations = (details.quota?.violations ?? []).map(({ subject, description }) => ({
      subject,
      description,
    }));
    this.preconditionViolations = (details.precondition?.violations ?? []).map(({ type, subject, description }) => ({
      type,
      subject,
      description,
    }));
    this.metadata = { ...details.info?.metadata };
    this.#statusMessage = parts.message;
    this.#failure = details.failure;
    this.#status = details.status;
    this.#headers = parts.headers ?? new Headers();
    this.#trailers = parts.trailers ?? new Headers();
  }

  /** The code as gRPC spells it, for example `"RESOURCE_EXHAUSTED"`. */
  get codeName(): string {
    return codeName(this.code);
  }

  /** The gateway's own message, without code, reason and request id. */
  get statusMessage(): string {
    return this.#statusMessage;
  }

  /** The place in the gateway's documentation that says what to do. Empty if the gateway did not say. */
  get help(): string {
    return this.metadata["help"] ?? "";
  }

  /** What was tried, with tokens and cost. `undefined` if no model was called or passed over. */
  get failure(): InvocationFailure | undefined {
    return this.#failure;
  }

  /** Every attempt, oldest first; empty if none was made. Long lists lack the oldest. */
  get attempts(): readonly Attempt[] {
    return this.#failure?.metadata?.attempts ?? [];
  }

  /** Whether content had been sent on the stream before it failed. */
  get outputStarted(): boolean {
    return this.#failure?.outputStarted ?? false;
  }

  /** The status as the gateway sent it, with all details. `undefined` if it sent none. */
  get status(): Status | undefined {
    return this.#status;
  }

  /** Headers of the answer; empty if none came before the failure. */
  get headers(): Headers {
    return this.#headers;
  }

  /** Trailers of the answer; empty if none came. */
  get trailers(): Headers {
    return this.#trailers;
  }

  /** Whether the same call may succeed later: the gateway says when, or cannot be reached and does not say never. */
  get isRetryable(): boolean {
    return (
      this.retryDelayMs !== undefined ||
      (this.code === Code.Unavailable && readPushback(this.#trailers.get("grpc-retry-pushback-ms")) !== "never")
    );
  }
}

/** INVALID_ARGUMENT: the request has to change; see `fieldViolations`. */
export class InvalidRequestError extends GatewayError {
  override name = "InvalidRequestError";
}

/** RESOURCE_EXHAUSTED: a rate or quota is used up; see `retryDelayMs`. */
export class ThrottledError extends GatewayError {
  override name = "ThrottledError";
}

/** UNAVAILABLE: the gateway or all models cannot answer now; see `isRetryable`. */
export class UnavailableError extends GatewayError {
  override name = "UnavailableError";
}

/** DEADLINE_EXCEEDED: the caller's deadline passed, or a model took too long. */
export class DeadlineExceededError extends GatewayError {
  override name = "DeadlineExceededError";
}

/** CANCELLED: the caller ended the call, by its signal or by closing the client. */
export class CancelledError extends GatewayError {
  override name = "CancelledError";
}

/** @internal The error of the class that goes with its code. */
export function gatewayError(parts: StatusParts): GatewayError {
  switch (parts.code) {
    case Code.InvalidArgument:
      return new InvalidRequestError(parts);
    case Code.ResourceExhausted:
      return new ThrottledError(parts);
    case Code.Unavailable:
      return new UnavailableError(parts);
    case Code.DeadlineExceeded:
      return new DeadlineExceededError(parts);
    case Code.Canceled:
      return new CancelledError(parts);
    default:
      return new GatewayError(parts);
  }
}

function describe(code: Code, reason: string, message: string, requestId: string): string {
  const subject = reason === "" ? codeName(code) : `${codeName(code)} ${reason}`;
  return `${subject}: ${message}${requestId === "" ? "" : ` (request id ${requestId})`}`;
}

function codeName(code: Code): string {
  // Connect spells it with one l.
  return code === Code.Canceled
    ? "CANCELLED"
    : ((Code[code] as string | undefined)?.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase() ??
        `CODE_${String(code)}`);
}

function readDetails(bytes: Uint8Array | undefined) {
  const status = bytes && read(StatusSchema, bytes);
  const find = <M extends Message>(schema: GenMessage<M>): M | undefined => {
    const found = status?.details.find(({ typeUrl }) => typeUrl.endsWith(`/${schema.typeName}`));
    return found && read(schema, found.value);
  };
  return {
    status,
    info: find(ErrorInfoSchema),
    request: find(RequestInfoSchema),
    retry: find(RetryInfoSchema),
    badRequest: find(BadRequestSchema),
    quota: find(QuotaFailureSchema),
    precondition: find(PreconditionFailureSchema),
    failure: find(InvocationFailureSchema),
  };
}

/** What cannot be read is left out: the code and the message still say what failed. */
function read<M extends Message>(schema: GenMessage<M>, bytes: Uint8Array): M | undefined {
  try {
    return fromBinary<GenMessage<M>>(schema, bytes);
  } catch {
    return undefined;
  }
}
