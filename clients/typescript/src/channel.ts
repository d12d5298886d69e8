import { lookup } from "node:dns/promises";
import type { SecureClientSessionOptions } from "node:http2";
import type { LookupFunction } from "node:net";

import { Code, ConnectError } from "@connectrpc/connect";
import { Http2SessionManager } from "@connectrpc/connect-node";

import type { Target } from "./address.js";

/** A ping after this much silence, while there are calls; see gRFC A8. */
const KEEPALIVE_MS = 60_000;
/** How long a ping may stay unanswered. */
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** How long one address may take to connect. */
const CONNECT_TIMEOUT_MS = 20_000;
/** How long a list of addresses is good. Afterwards the next call has it looked up anew. */
const LOOKUP_INTERVAL_MS = 30_000;
/** How long an address that did not connect is left alone; doubled each time in a row. */
const FIRST_BACKOFF_MS = 1_000;
const LAST_BACKOFF_MS = 120_000;

/** The connection to one IP address. */
class Backend {
  readonly manager: Http2SessionManager;
  #backoffMs = FIRST_BACKOFF_MS;
  #leftAloneUntil = 0;

  constructor(origin: string, address: string | undefined, options: SecureClientSessionOptions) {
    this.manager = new Http2SessionManager(
      origin,
      { pingIntervalMs: KEEPALIVE_MS, pingTimeoutMs: KEEPALIVE_TIMEOUT_MS, pingIdleConnection: false },
      // `lookup` reaches the socket.
      { ...options, ...(address !== undefined && { lookup: answer(address) }) },
    );
  }

  /** Whether it may be tried. */
  isReady(): boolean {
    return performance.now() >= this.#leftAloneUntil;
  }

  /** Connects, if it is not connected. Says whether it is. */
  async connect(): Promise<boolean> {
    const timer = setTimeout(() => {
      this.manager.abort(new ConnectError("it does not answer", Code.Unavailable));
    }, CONNECT_TIMEOUT_MS);
    const state = await this.manager.connect();
    clearTimeout(timer);
    if (state === "error") {
      this.#leftAloneUntil = performance.now() + this.#backoffMs;
      this.#backoffMs = Math.min(this.#backoffMs * 2, LAST_BACKOFF_MS);
      return false;
    }
    this.#backoffMs = FIRST_BACKOFF_MS;
    this.#leftAloneUntil = 0;
    return true;
  }
}

/** Connections to all addresses of a gateway. Calls take turns among those that can be reached. */
export class Channel {
  readonly target: Target;
  readonly #options: SecureClientSessionOptions;
  #backends = new Map<string, Backend>();
  /** Of addresses that are gone: calls under way finish, and then these close by themselves. */
  readonly #gone = new Set<Backend>();
  #turn = 0;
  #lookedUpAt: number | undefined;
  #lookingUp: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(target: Target, options: SecureClientSessionOptions) {
    this.target = target;
    this.#options = options;
    if (!target.isName) {
      this.#backends.set(target.host, new Backend(target.origin, undefined, options));
    }
  }

  /** Aborted when the channel is closed. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** The connection for the next attempt, connected. */
  async pick(): Promise<Http2SessionManager> {
    await this.#lookUp();
    const all = [...this.#backends.values()];
    const start = this.#turn++;
    const inTurn = all.map((_, index) => all[(start + index) % all.length]).filter((backend) => backend !== undefined);
    // Those that failed lately come last, and are tried if there is no other.
    const ready = inTurn.filter((backend) => backend.isReady());
    const order = [...ready, ...inTurn.filter((backend) => !ready.includes(backend))];
    let error = new ConnectError("no address is known", Code.Unavailable);
    for (const backend of order) {
      if (this.closed.aborted) {
        break;
      }
      if (await backend.connect()) {
        return backend.manager;
      }
      error = ConnectError.from(backend.manager.error());
    }
    throw error;
  }

  /** Ends all calls and closes all connections. */
  close(): void {
    this.#closing.abort();
    for (const { manager } of [...this.#backends.values(), ...this.#gone]) {
      manager.abort();
    }
  }

  async #lookUp(): Promise<void> {
    if (!this.target.isName) {
      return;
    }
    const isOld = this.#lookedUpAt === undefined || performance.now() - this.#lookedUpAt > LOOKUP_INTERVAL_MS;
    if (isOld) {
      this.#lookingUp ??= this.#replaceBackends().finally(() => (this.#lookingUp = undefined));
      // What is known serves until the answer is here.
      if (this.#backends.size === 0) {
        await this.#lookingUp;
      } else {
        this.#lookingUp.catch(() => undefined);
      }
    }
  }

  async #replaceBackends(): Promise<void> {
    const found = await lookup(this.target.host, { all: true });
    this.#lookedUpAt = performance.now();
    const backends = new Map<string, Backend>();
    for (const { address } of found) {
      backends.set(address, this.#backends.get(address) ?? new Backend(this.target.origin, address, this.#options));
    }
    for (const [address, backend] of this.#backends) {
      if (!backends.has(address)) {
        this.#gone.add(backend);
      }
    }
    this.#backends = backends;
  }
}

/** A look-up that always has this answer. */
function answer(address: string): LookupFunction {
  const family = address.includes(":") ? 6 : 4;
  return (_hostname, options, callback) => {
    if (options.all === true) {
      callback(null, [{ address, family }]);
    } else {
      callback(null, address, family);
    }
  };
}
