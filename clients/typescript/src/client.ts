import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import { parseAddress } from "./address.js";
import type { Method } from "./attempt.js";
import { Call, type CallSettings, type Shared, unary } from "./call.js";
import { Channel } from "./channel.js";
import { gatewayError } from "./errors.js";
import {
  type CountTokensRequestSchema,
  type CountTokensResponse,
  InferenceService,
  type InvokeRequestSchema,
  type InvokeResponse,
  type InvokeStreamRequestSchema,
} from "./gen/bedrock/gateway/v1/inference_service_pb.js";
import {
  type ListModelsRequestSchema,
  type ListModelsResponse,
  ModelService,
} from "./gen/bedrock/gateway/v1/model_service_pb.js";
import type { Model } from "./gen/bedrock/gateway/v1/models_pb.js";
import { Health, HealthCheckResponse_ServingStatus } from "./health/health_pb.js";
import { addMetadata } from "./metadata.js";
import { type CallName, type CallOptions, checkTimeout, type ClientOptions, readTls } from "./options.js";
import { RetryThrottle } from "./retry.js";
import { loadServiceConfig, type ServiceConfig } from "./service_config.js";
import { InvokeStream } from "./stream.js";

/** A request of `invoke`, as a plain object or a message; fields that are left out are not set. */
export type InvokeRequestInit = MessageInitShape<typeof InvokeRequestSchema>;
/** A request of `stream`, as a plain object or a message; fields that are left out are not set. */
export type InvokeStreamRequestInit = MessageInitShape<typeof InvokeStreamRequestSchema>;
/** A request of `countTokens`, as a plain object or a message; fields that are left out are not set. */
export type CountTokensRequestInit = MessageInitShape<typeof CountTokensRequestSchema>;
/** A request of `listModelsPage`, as a plain object or a message; fields that are left out are not set. */
export type ListModelsRequestInit = MessageInitShape<typeof ListModelsRequestSchema>;

/** Of health checks, on which the service config says nothing. */
const HEALTH_TIMEOUT_MS = 5_000;

/**
 * Makes a client for the gateway at `address`: `http://HOST:PORT` for plain text, `https://HOST[:PORT]` for TLS. It
 * connects with the first call. One client is enough for a process; close it at the end.
 *
 * @throws TypeError or RangeError if the address or an option cannot be used, and says what is allowed.
 */
export function connect(address: string, options: ClientOptions = {}): GatewayClient {
  return new GatewayClient(address, options);
}

/**
 * A client of bedrock-gateway.
 *
 * Every call has a deadline, may be cancelled by a signal, and throws a `GatewayError` if it fails. What the service
 * config of the gateway allows to be tried again, is: calls that ended with UNAVAILABLE before an answer began.
 * Messages may be up to 32 MiB, in both directions.
 */
export class GatewayClient {
  readonly #options: ClientOptions;
  readonly #config: ServiceConfig;
  readonly #shared: Shared;

  /** @internal */
  constructor(address: string, options: ClientOptions) {
    const target = parseAddress(address);
    for (const timeoutMs of Object.values(options.timeoutMs ?? {})) {
      checkTimeout(timeoutMs);
    }
    if (options.metadata !== undefined && typeof options.metadata !== "function") {
      addMetadata(new Headers(), options.metadata);
    }
    this.#options = options;
    this.#config = loadServiceConfig();
    this.#shared = {
      channel: new Channel(target, readTls(options.tls, target.tls)),
      throttle: new RetryThrottle(this.#config.throttling),
    };
  }

  /**
   * Runs one turn of a conversation and gives the finished message. A string is a request with this prompt.
   *
   * Not idempotent: each call may be billed.
   *
   * @throws GatewayError
   */
  async invoke(request: string | InvokeRequestInit, options: CallOptions = {}): Promise<InvokeResponse> {
    const message = typeof request === "string" ? { prompt: request } : request;
    return await this.#unary("invoke", InferenceService.method.invoke, message, options);
  }

  /**
   * Runs one turn of a conversation and gives the message while it is generated. A string is a request with this
   * prompt. Nothing happens until its first event is asked for, or `collect` is called.
   */
  stream(request: string | InvokeStreamRequestInit, options: CallOptions = {}): InvokeStream {
    const message = typeof request === "string" ? { prompt: request } : request;
    const method = InferenceService.method.invokeStream;
    return new InvokeStream(new Call(this.#shared, method, message, this.#settings("stream", method, options)));
  }

  /**
   * Counts the input tokens of a request, for one model, without running it. A string is a request with this prompt.
   *
   * @throws GatewayError, with the reason CAPABILITY_UNSUPPORTED if the model cannot count tokens.
   */
  async countTokens(request: string | CountTokensRequestInit, options: CallOptions = {}): Promise<CountTokensResponse> {
    const message = typeof request === "string" ? { prompt: request } : request;
    return await this.#unary("countTokens", InferenceService.method.countTokens, message, options);
  }

  /**
   * All models of the registry, in the order in which the gateway tries them. Pages are asked for as the loop needs
   * them; the deadline is that of one page.
   *
   * @throws GatewayError
   */
  async *listModels(options: CallOptions & { readonly pageSize?: number } = {}): AsyncGenerator<Model, void> {
    let pageToken = "";
    do {
      const page = await this.listModelsPage({ pageSize: options.pageSize ?? 0, pageToken }, options);
      yield* page.models;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  /**
   * One page of the registry's models.
   *
   * @throws GatewayError
   */
  async listModelsPage(request: ListModelsRequestInit = {}, options: CallOptions = {}): Promise<ListModelsResponse> {
    return await this.#unary("listModels", ModelService.method.listModels, request, options);
  }

  /**
   * One model of the registry, by name or alias.
   *
   * @throws GatewayError, with NOT_FOUND if there is none.
   */
  async getModel(name: string, options: CallOptions = {}): Promise<Model> {
    const { model } = await this.#unary("getModel", ModelService.method.getModel, { name }, options);
    if (model === undefined) {
      throw gatewayError({ code: Code.Internal, message: "the answer has no model" });
    }
    return model;
  }

  /**
   * Whether a service of the gateway takes calls. Besides services there are `"liveness"`, `""` for the whole, and
   * `"models/NAME"` for each model. Never costs anything.
   *
   * @throws GatewayError, with NOT_FOUND if the gateway does not know the service, and UNAVAILABLE if it cannot be
   * reached.
   */
  async health(service = "bedrock.gateway.v1.InferenceService", options: CallOptions = {}): Promise<boolean> {
    const { status } = await this.#unary("health", Health.method.check, { service }, options);
    return status === HealthCheckResponse_ServingStatus.SERVING;
  }

  /** Cancels the calls under way and closes all connections. Later calls fail. */
  close(): void {
    this.#shared.channel.close();
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #unary<I extends DescMessage, O extends DescMessage>(
    name: CallName,
    method: Method<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ) {
    return unary(this.#shared, method, request, this.#settings(name, method, options));
  }

  #settings(name: CallName, method: Method<DescMessage, DescMessage>, options: CallOptions): CallSettings {
    const config = this.#config.method(method.parent.typeName, method.name);
    return {
      timeoutMs: checkTimeout(
        options.timeoutMs ?? this.#options.timeoutMs?.[name] ?? config?.timeoutMs ?? HEALTH_TIMEOUT_MS,
      ),
      signal: options.signal,
      retryPolicy: config?.retryPolicy,
      headers: async () => {
        const { metadata } = this.#options;
        const headers = new Headers();
        addMetadata(headers, typeof metadata === "function" ? await metadata() : (metadata ?? {}));
        addMetadata(headers, options.metadata ?? {});
        return headers;
      },
      onHeader: options.onHeader,
      onTrailer: options.onTrailer,
    };
  }
}
