package io.github.bedrockgateway;

/** The caller gave up: it closed, cancelled, or was interrupted (CANCELLED). */
public final class CancelledException extends GatewayException {
  private static final long serialVersionUID = 1L;

  CancelledException(Failure failure) {
    super(failure);
  }
}
