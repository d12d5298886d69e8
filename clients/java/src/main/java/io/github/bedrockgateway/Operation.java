package io.github.bedrockgateway;

/** What a client can ask a gateway, as far as deadlines differ. */
public enum Operation {
  /** A whole answer. */
  INVOKE("bedrock.gateway.v1.InferenceService", "Invoke"),

  /** An answer while it is generated. */
  INVOKE_STREAM("bedrock.gateway.v1.InferenceService", "InvokeStream"),

  /** The tokens of a request. */
  COUNT_TOKENS("bedrock.gateway.v1.InferenceService", "CountTokens"),

  /** One page of the list of models. */
  LIST_MODELS("bedrock.gateway.v1.ModelService", "ListModels"),

  /** One model. */
  GET_MODEL("bedrock.gateway.v1.ModelService", "GetModel"),

  /** Whether a service can be called. */
  HEALTH("grpc.health.v1.Health", "Check");

  private final String service;
  private final String method;

  Operation(String service, String method) {
    this.service = service;
    this.method = method;
  }

  String service() {
    return service;
  }

  String method() {
    return method;
  }
}
