import { readFileSync } from "node:fs";
import type { SecureClientSessionOptions } from "node:http2";

import type { Metadata, MetadataSource } from "./metadata.js";

/** The calls that have a deadline of their own. */
export type CallName = "invoke" | "stream" | "countTokens" | "listModels" | "getModel" | "health";

/** TLS of an `https` address. Without it, the certificates that come with Node.js decide. */
export interface TlsOptions {
  /** File with the certificates, in PEM, of the authorities to trust instead of those that come with Node.js. */
  readonly caFile?: string;
  /** File with the client's certificate, in PEM, and those that vouch for it. Needs `keyFile`. */
  readonly certFile?: string;
  /** File with the private key of `certFile`, in PEM. */
  readonly keyFile?: string;
  /** Name that the gateway's certificate has to hold, if it is not the host of the address. */
  readonly serverName?: string;
}

/** Options of `connect`. */
export interface ClientOptions {
  /**
   * Deadlines of calls that name none, in milliseconds, by call. Otherwise those of the service config hold: 120 s for
   * `invoke`, 600 s for `stream`, 10 s for the others; and 5 s for `health`, of which it does not speak.
   */
  readonly timeoutMs?: Readonly<Partial<Record<CallName, number>>>;
  /** Sent with each call, for instance `authorization`. A function is asked once for each call. */
  readonly metadata?: MetadataSource;
  /** TLS; only for addresses with `https`. */
  readonly tls?: TlsOptions;
}

/** Options of one call. */
export interface CallOptions {
  /** Deadline of the whole call, retries included, in milliseconds: more than 0, at most 99,999,999. */
  readonly timeoutMs?: number;
  /** Ends the call, upstream too. */
  readonly signal?: AbortSignal;
  /** Sent with this call, besides what the client sends; replaces the same names. */
  readonly metadata?: Metadata;
  /** Told the headers of the answer, once they come; `x-request-id` is among them. */
  readonly onHeader?: (headers: Headers) => void;
  /** Told the trailers of the answer, once it ended with OK. */
  readonly onTrailer?: (trailers: Headers) => void;
}

/** As many digits as gRPC allows. */
const LONGEST_TIMEOUT_MS = 99_999_999;

/** A deadline that gRPC can carry. */
export function checkTimeout(timeoutMs: number): number {
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new RangeError(
      `timeoutMs is ${String(timeoutMs)}: it has to be more than 0 and at most ${String(LONGEST_TIMEOUT_MS)}`,
    );
  }
  return timeoutMs;
}

/** Reads the files of TLS. */
export function readTls(tls: TlsOptions | undefined, isTls: boolean): SecureClientSessionOptions {
  if (tls === undefined) {
    return {};
  }
  if (!isTls) {
    throw new TypeError("the option tls needs an address with https");
  }
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new TypeError("the options tls.certFile and tls.keyFile are needed both, or neither");
  }
  return {
    ...(tls.caFile !== undefined && { ca: readFile("caFile", tls.caFile) }),
    ...(tls.certFile !== undefined && { cert: readFile("certFile", tls.certFile) }),
    ...(tls.keyFile !== undefined && { key: readFile("keyFile", tls.keyFile) }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
  };
}

function readFile(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TypeError(`the file ${path} of the option tls.${option} cannot be read`, { cause });
  }
}
