package io.github.bedrockgateway;

/** A rate limit or a quota was exceeded, or a message is too large (RESOURCE_EXHAUSTED). */
public final class ThrottledException extends GatewayException {
  private static final long serialVersionUID = 1L;

  ThrottledException(Failure failure) {
    super(failure);
  }
}
