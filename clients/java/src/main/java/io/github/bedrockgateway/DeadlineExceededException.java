package io.github.bedrockgateway;

/** The call, or an attempt at a model, took too long (DEADLINE_EXCEEDED). */
public final class DeadlineExceededException extends GatewayException {
  private static final long serialVersionUID = 1L;

  DeadlineExceededException(Failure failure) {
    super(failure);
  }
}
