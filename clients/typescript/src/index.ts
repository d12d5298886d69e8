/**
 * Client for bedrock-gateway, a gRPC service in front of Amazon Bedrock.
 *
 * `connect` makes a client. The messages of the API are exported too; requests may be plain objects of their shape, and
 * `create` makes a message of one where its type has to be known.
 *
 * @module
 */

export { create } from "@bufbuild/protobuf";
export { Code } from "@connectrpc/connect";

export {
  connect,
  type CountTokensRequestInit,
  GatewayClient,
  type InvokeRequestInit,
  type InvokeStreamRequestInit,
  type ListModelsRequestInit,
} from "./client.js";
export { Collector } from "./collector.js";
export {
  CancelledError,
  DeadlineExceededError,
  type FieldViolation,
  GatewayError,
  InvalidRequestError,
  type PreconditionViolation,
  type QuotaViolation,
  ThrottledError,
  UnavailableError,
} from "./errors.js";
export type { Metadata, MetadataSource } from "./metadata.js";
export type { CallName, CallOptions, ClientOptions, TlsOptions } from "./options.js";
export { InvokeStream } from "./stream.js";
export { VERSION } from "./version.js";

export * from "./gen/bedrock/gateway/v1/content_pb.js";
export * from "./gen/bedrock/gateway/v1/errors_pb.js";
export * from "./gen/bedrock/gateway/v1/guardrail_trace_pb.js";
export * from "./gen/bedrock/gateway/v1/inference_service_pb.js";
export * from "./gen/bedrock/gateway/v1/model_service_pb.js";
export * from "./gen/bedrock/gateway/v1/models_pb.js";
export * from "./gen/bedrock/gateway/v1/parameters_pb.js";
export * from "./gen/bedrock/gateway/v1/results_pb.js";
export * from "./gen/bedrock/gateway/v1/stream_pb.js";
