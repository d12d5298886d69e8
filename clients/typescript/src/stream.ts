import type { Call } from "./call.js";
import { Collector } from "./collector.js";
import type { InvokeResponse, InvokeStreamRequestSchema } from "./gen/bedrock/gateway/v1/inference_service_pb.js";
import type { InvokeStreamResponse, InvokeStreamResponseSchema } from "./gen/bedrock/gateway/v1/stream_pb.js";

/**
 * An answer while it is generated: its events, once, in order.
 *
 * The call begins when the first event is asked for. Leaving the loop early, by `break`, `return` or an exception,
 * cancels the call, upstream too. A stream that does not end with OK throws a `GatewayError`: a loop that ends by
 * itself has seen the whole answer.
 */
export class InvokeStream implements AsyncIterable<InvokeStreamResponse, undefined> {
  readonly #call: Call<typeof InvokeStreamRequestSchema, typeof InvokeStreamResponseSchema>;
  #isTaken = false;

  /** @internal */
  constructor(call: Call<typeof InvokeStreamRequestSchema, typeof InvokeStreamResponseSchema>) {
    this.#call = call;
  }

  /**
   * The events, for `for await`.
   *
   * @throws TypeError when asked a second time: what was read is gone.
   */
  [Symbol.asyncIterator](): AsyncIterator<InvokeStreamResponse, undefined> {
    if (this.#isTaken) {
      throw new TypeError("the events of this stream were already asked for: make another call");
    }
    this.#isTaken = true;
    return this.#call;
  }

  /**
   * Waits for the end and gives the answer as `invoke` would.
   *
   * @throws GatewayError if the stream does not end with OK. Part of an answer is never given.
   */
  async collect(): Promise<InvokeResponse> {
    const collector = new Collector();
    for await (const event of this) {
      collector.add(event);
    }
    return collector.response();
  }

  /** Cancels the call, unless it is over. */
  cancel(): void {
    this.#isTaken = true;
    void this.#call.return();
  }
}
