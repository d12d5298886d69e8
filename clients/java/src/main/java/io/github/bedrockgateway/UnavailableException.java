package io.github.bedrockgateway;

/** The gateway or every model is unavailable for now, or was not reached (UNAVAILABLE). */
public final class UnavailableException extends GatewayException {
  private static final long serialVersionUID = 1L;

  UnavailableException(Failure failure) {
    super(failure);
  }
}
