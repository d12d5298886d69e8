import { once } from "node:events";
import http2, { type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";

/** Answers one attempt; `number` counts them from 1. */
export type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, number: number) => void;

/** A gRPC server that does just what a test tells it to, down to frames. */
export class FakeServer {
  /** Headers of each attempt so far. */
  readonly attempts: IncomingHttpHeaders[] = [];
  readonly #server: Http2Server;
  readonly #sessions = new Set<http2.ServerHttp2Session>();

  private constructor(server: Http2Server, handler: Handler) {
    this.#server = server;
    server.on("stream", (stream, headers) => {
      // Resets are part of the game.
      stream.on("error", () => undefined);
      this.attempts.push(headers);
      handler(stream, headers, this.attempts.length);
    });
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
    });
    server.on("sessionError", () => undefined);
  }

  static async start(
    handler: Handler,
    options: http2.SecureServerOptions & { host?: string; port?: number } = {},
  ): Promise<FakeServer> {
    const server = options.key === undefined ? http2.createServer() : http2.createSecureServer(options);
    const fake = new FakeServer(server, handler);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
    await once(server, "listening");
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Ends its connections. */
  [Symbol.dispose](): void {
    this.#server.close();
    for (const session of this.#sessions) {
      session.destroy();
    }
  }
}

/** The request of an attempt, which has one message. */
export async function request<M extends DescMessage>(stream: ServerHttp2Stream, schema: M): Promise<MessageShape<M>> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return fromBinary(schema, Buffer.concat(chunks).subarray(5));
}

/** Sends headers only. */
export function headers(stream: ServerHttp2Stream, extra: Record<string, string> = {}): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc", ...extra }, { waitForTrailers: true });
}

/** Sends a message; `headers` have to come before. */
export function message<M extends DescMessage>(stream: ServerHttp2Stream, schema: M, value: MessageShape<M>): void {
  const bytes = toBinary(schema, value);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  stream.write(Buffer.concat([prefix, bytes]));
}

/** Ends an answer that has headers. */
export function trailers(stream: ServerHttp2Stream, code: number, extra: Record<string, string> = {}): void {
  stream.on("wantTrailers", () => {
    stream.sendTrailers({ "grpc-status": String(code), ...extra });
  });
  stream.end();
}

/** Sends a whole answer. */
export function answer<M extends DescMessage>(stream: ServerHttp2Stream, schema: M, value: MessageShape<M>): void {
  headers(stream);
  message(stream, schema, value);
  trailers(stream, 0);
}

/** Ends an attempt with a status alone. */
export function status(stream: ServerHttp2Stream, code: number, extra: Record<string, string> = {}): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", "grpc-status": String(code), ...extra },
    { endStream: true },
  );
}
