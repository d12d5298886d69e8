package io.github.bedrockgateway;

/** The request breaks a rule, of the API or of the model (INVALID_ARGUMENT); see its violations. */
public final class InvalidRequestException extends GatewayException {
  private static final long serialVersionUID = 1L;

  InvalidRequestException(Failure failure) {
    super(failure);
  }
}
