import type { ClientHttp2Stream, Http2Session, OutgoingHttpHeaders } from "node:http2";

import type { DescMessage, DescMethod, DescMethodStreaming, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse } from "@connectrpc/connect";
import { createGrpcTransport, type GrpcTransportOptions, type Http2SessionManager } from "@connectrpc/connect-node";

import type { Channel } from "./channel.js";
import { gatewayError, type GatewayError } from "./errors.js";

/** Largest message in either direction. */
const MOST_BYTES = 32 * 1024 * 1024;

/** A method and what it takes and gives. */
export type Method<I extends DescMessage, O extends DescMessage> = DescMethod & { input: I; output: O };

type SessionManager = NonNullable<GrpcTransportOptions["sessionManager"]>;

/** The answer of an attempt, from its headers on. */
export type Answer<O extends DescMessage> = StreamResponse<DescMessage, O>;

/**
 * One attempt of a call.
 *
 * It stands between the transport and the connections: it chooses the connection, and remembers the HTTP/2 stream,
 * which tells a connection that was lost from a call that the gateway reset.
 */
export class Attempt implements SessionManager {
  readonly authority: string;
  readonly #channel: Channel;
  readonly #remainingMs: () => number;
  #manager: Http2SessionManager | undefined;
  #stream: ClientHttp2Stream | undefined;
  #session: Http2Session | undefined;

  constructor(channel: Channel, remainingMs: () => number) {
    this.#channel = channel;
    this.#remainingMs = remainingMs;
    this.authority = channel.target.origin;
  }

  /**
   * Sends the request and waits for the headers of the answer. Unary methods are called like streaming ones, because
   * the transport then tells headers from trailers; retries need to know.
   */
  async open<I extends DescMessage, O extends DescMessage>(
    method: Method<I, O>,
    message: MessageShape<I>,
    headers: Headers,
    signal: AbortSignal,
  ): Promise<Answer<O>> {
    const transport = createGrpcTransport({
      baseUrl: this.authority,
      sessionManager: this,
      readMaxBytes: MOST_BYTES,
      writeMaxBytes: MOST_BYTES,
    });
    const streaming = method as unknown as DescMethodStreaming<DescMessage, O>;
    return await transport.stream(streaming, signal, undefined, headers, once(message));
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: Parameters<SessionManager["request"]>[3],
  ): Promise<ClientHttp2Stream> {
    this.#manager = await this.#channel.pick();
    // What is left of the deadline now that there is a connection.
    headers["grpc-timeout"] = `${String(Math.max(1, Math.floor(this.#remainingMs())))}m`;
    this.#stream = await this.#manager.request(method, path, headers, options);
    this.#session = this.#stream.session;
    return this.#stream;
  }

  notifyResponseByteRead(stream: ClientHttp2Stream): void {
    this.#manager?.notifyResponseByteRead(stream);
  }

  /** What the failure of this attempt is to the caller. `answer` if its headers came. */
  failure(reason: unknown, answer?: { header: Headers; trailer: Headers }): GatewayError {
    const error = ConnectError.from(reason);
    // Without an answer, trailers came alone, as headers of HTTP.
    const trailers = answer?.trailer ?? error.metadata;
    // With OK, the answer could not be read.
    if ((trailers.get("grpc-status") ?? "0") !== "0") {
      const details = trailers.get("grpc-status-details-bin");
      return gatewayError({
        code: error.code,
        message: error.rawMessage,
        details: details === null ? undefined : Buffer.from(details, "base64"),
        headers: answer?.header,
        trailers,
      });
    }
    const [code, message] = this.#withoutStatus(error);
    return gatewayError({ code, message, headers: answer?.header ?? error.metadata, cause: error.cause ?? error });
  }

  /** Code and message where the gateway sent no status. */
  #withoutStatus(error: ConnectError): [Code, string] {
    const place = this.authority;
    if (this.#stream === undefined && this.#manager === undefined) {
      return [Code.Unavailable, `${place} cannot be reached: ${error.rawMessage}`];
    }
    if (this.#session === undefined || this.#session.destroyed) {
      return [Code.Unavailable, `the connection to ${place} was lost: ${error.rawMessage}`];
    }
    const reset = this.#stream?.rstCode;
    if (error.cause !== undefined && reset !== undefined) {
      return [RESET_CODES.get(reset) ?? Code.Internal, error.rawMessage];
    }
    // An answer that cannot be read is not the caller's fault.
    return [error.code === Code.InvalidArgument ? Code.Internal : error.code, error.rawMessage];
  }
}

/**
 * Codes for resets of HTTP/2 that are not INTERNAL: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md,
 * seen 2026-11-29.
 */
const RESET_CODES = new Map([
  [0x7, Code.Unavailable],
  [0x8, Code.Canceled],
  [0xb, Code.ResourceExhausted],
  [0xc, Code.PermissionDenied],
]);

// eslint-disable-next-line @typescript-eslint/require-await -- the transport takes only asynchronous ones
async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
