package io.github.bedrockgateway;

import bedrock.gateway.v1.InvocationFailure;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the details of a status say. Those that are unknown or unreadable are left out. */
record ErrorDetails(
    Status status,
    String reason,
    Map<String, String> metadata,
    String requestId,
    Duration retryDelay,
    List<BadRequest.FieldViolation> fieldViolations,
    List<QuotaFailure.Violation> quotaViolations,
    InvocationFailure failure)
    implements Serializable {
  private static final String DOMAIN = "bedrock.gateway";

  /** Decodes the details. A status that names no request takes {@code requestId}. */
  static ErrorDetails of(Status status, String requestId) {
    Optional<ErrorInfo> info =
        detail(status, ErrorInfo.class).filter(found -> found.getDomain().equals(DOMAIN));
    return new ErrorDetails(
        status,
        info.map(ErrorInfo::getReason).orElse(""),
        info.map(found -> Map.copyOf(found.getMetadataMap())).orElse(Map.of()),
        detail(status, RequestInfo.class).map(RequestInfo::getRequestId).orElse(requestId),
        detail(status, RetryInfo.class).map(ErrorDetails::delay).orElse(null),
        detail(status, BadRequest.class)
            .map(found -> List.copyOf(found.getFieldViolationsList()))
            .orElse(List.of()),
        detail(status, QuotaFailure.class)
            .map(found -> List.copyOf(found.getViolationsList()))
            .orElse(List.of()),
        detail(status, InvocationFailure.class).orElse(null));
  }

  private static Duration delay(RetryInfo info) {
    com.google.protobuf.Duration delay = info.getRetryDelay();
    return Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
  }

  private static <T extends Message> Optional<T> detail(Status status, Class<T> type) {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(type)) {
        try {
          return Optional.of(detail.unpack(type));
        } catch (InvalidProtocolBufferException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
