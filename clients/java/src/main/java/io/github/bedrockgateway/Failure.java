package io.github.bedrockgateway;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** How a call ended that did not end with OK, and the exception that tells it. */
record Failure(
    Status.Code code,
    String description,
    ErrorDetails details,
    Metadata trailers,
    Throwable cause) {
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** The exception for what gRPC threw. */
  static GatewayException of(StatusRuntimeException thrown) {
    return of(thrown.getStatus(), thrown.getTrailers(), thrown);
  }

  /** The exception for how gRPC ended a call. */
  static GatewayException of(Status status, Metadata trailers) {
    return of(status, trailers, status.getCause());
  }

  private static GatewayException of(Status status, Metadata trailers, Throwable cause) {
    Metadata all = trailers == null ? new Metadata() : trailers;
    String requestId = all.get(REQUEST_ID);
    ErrorDetails details = ErrorDetails.of(sent(all), requestId == null ? "" : requestId);
    String description = status.getDescription() == null ? "" : status.getDescription();
    return new Failure(status.getCode(), description, details, all, cause).exception();
  }

  private GatewayException exception() {
    return switch (code) {
      case INVALID_ARGUMENT -> new InvalidRequestException(this);
      case RESOURCE_EXHAUSTED -> new ThrottledException(this);
      case UNAVAILABLE -> new UnavailableException(this);
      case DEADLINE_EXCEEDED -> new DeadlineExceededException(this);
      case CANCELLED -> new CancelledException(this);
      default -> new GatewayException(this);
    };
  }

  /** For people: code, reason, words, request id. */
  String message() {
    StringBuilder text = new StringBuilder(code.name());
    if (!details.reason().isEmpty()) {
      text.append(' ').append(details.reason());
    }
    if (!description.isEmpty()) {
      text.append(": ").append(description);
    }
    if (!details.requestId().isEmpty()) {
      text.append(" (request id ").append(details.requestId()).append(')');
    }
    return text.toString();
  }

  /** Whether the server forbids retries: gRFC A6 takes what is no number for that as well. */
  boolean isPushedBackForever() {
    String pushback = trailers.get(PUSHBACK);
    return pushback != null && !pushback.matches("[0-9]+");
  }

  private static com.google.rpc.Status sent(Metadata trailers) {
    byte[] details = trailers.get(DETAILS);
    if (details == null) {
      return com.google.rpc.Status.getDefaultInstance();
    }
    try {
      return com.google.rpc.Status.parseFrom(details);
    } catch (InvalidProtocolBufferException e) {
      return com.google.rpc.Status.getDefaultInstance();
    }
  }
}
