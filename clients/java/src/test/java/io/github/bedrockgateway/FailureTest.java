package io.github.bedrockgateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bedrock.gateway.v1.Attempt;
import bedrock.gateway.v1.InvocationFailure;
import bedrock.gateway.v1.InvocationMetadata;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailureTest {
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final ErrorInfo INFO =
      ErrorInfo.newBuilder()
          .setDomain("bedrock.gateway")
          .setReason("UPSTREAM_THROTTLED")
          .putMetadata("help", "docs/errors.md#upstream_throttled")
          .putMetadata("attempts", "2")
          .build();

  @Test
  void everyDetailIsDecoded() {
    GatewayException failure =
        Failure.of(
            Status.RESOURCE_EXHAUSTED.withDescription("the model is throttled"),
            trailers(
                INFO,
                RequestInfo.newBuilder().setRequestId("r-1").build(),
                RetryInfo.newBuilder()
                    .setRetryDelay(
                        com.google.protobuf.Duration.newBuilder().setSeconds(1).setNanos(500000000))
                    .build(),
                BadRequest.newBuilder()
                    .addFieldViolations(
                        BadRequest.FieldViolation.newBuilder()
                            .setField("prompt")
                            .setReason("REQUIRED")
                            .setDescription("is required"))
                    .build(),
                QuotaFailure.newBuilder()
                    .addViolations(QuotaFailure.Violation.newBuilder().setSubject("caller"))
                    .build(),
                InvocationFailure.newBuilder()
                    .setOutputStarted(true)
                    .setMetadata(
                        InvocationMetadata.newBuilder()
                            .addAttempts(Attempt.newBuilder().setModel("a"))
                            .addAttempts(Attempt.newBuilder().setModel("b")))
                    .build()));

    assertInstanceOf(ThrottledException.class, failure);
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, failure.code());
    assertEquals("UPSTREAM_THROTTLED", failure.reason());
    assertEquals("the model is throttled", failure.description());
    assertEquals("r-1", failure.requestId());
    assertEquals(Optional.of(Duration.ofMillis(1500)), failure.retryDelay());
    assertEquals("REQUIRED", failure.fieldViolations().get(0).getReason());
    assertEquals("caller", failure.quotaViolations().get(0).getSubject());
    assertEquals("docs/errors.md#upstream_throttled", failure.help());
    assertEquals("2", failure.metadata().get("attempts"));
    assertEquals(List.of("a", "b"), failure.attempts().stream().map(Attempt::getModel).toList());
    assertTrue(failure.isOutputStarted());
    assertTrue(failure.isRetryable());
    assertEquals(6, failure.status().getDetailsCount());
    assertEquals(
        "RESOURCE_EXHAUSTED UPSTREAM_THROTTLED: the model is throttled (request id r-1)",
        failure.getMessage());
  }

  @Test
  void failureWithoutDetailsHasOnlyItsCode() {
    GatewayException failure = Failure.of(Status.INTERNAL, null);

    assertEquals("", failure.reason());
    assertEquals("", failure.requestId());
    assertEquals("", failure.help());
    assertEquals(Optional.empty(), failure.retryDelay());
    assertEquals(List.of(), failure.attempts());
    assertEquals(List.of(), failure.fieldViolations());
    assertEquals(Optional.empty(), failure.failure());
    assertFalse(failure.isOutputStarted());
    assertFalse(failure.isRetryable());
    assertEquals("INTERNAL", failure.getMessage());
  }

  @Test
  void unreadableDetailsAreLeftOut() {
    Metadata nonsense = new Metadata();
    nonsense.put(DETAILS, new byte[] {-1, -1, -1});
    Any broken =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/google.rpc.ErrorInfo")
            .setValue(ByteString.copyFrom(new byte[] {-1, -1}))
            .build();
    Metadata halfBroken = new Metadata();
    halfBroken.put(
        DETAILS, com.google.rpc.Status.newBuilder().addDetails(broken).build().toByteArray());

    assertEquals("", Failure.of(Status.UNKNOWN, nonsense).reason());
    assertEquals("", Failure.of(Status.UNKNOWN, halfBroken).reason());
  }

  @Test
  void reasonOfSomebodyElseIsNotOurs() {
    ErrorInfo other = INFO.toBuilder().setDomain("proxy.example").build();

    assertEquals("", Failure.of(Status.UNAVAILABLE, trailers(other)).reason());
  }

  @Test
  void requestIdIsTakenFromTheTrailerIfThereAreNoDetails() {
    Metadata trailers = new Metadata();
    trailers.put(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "r-2");

    assertEquals("r-2", Failure.of(Status.UNKNOWN, trailers).requestId());
  }

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, , true",
    "UNAVAILABLE, 0, true",
    "UNAVAILABLE, 250, true",
    "UNAVAILABLE, -1, false",
    "UNAVAILABLE, soon, false",
    "RESOURCE_EXHAUSTED, , false",
    "RESOURCE_EXHAUSTED, 250, false",
    "DEADLINE_EXCEEDED, , false",
    "ABORTED, , false",
  })
  void withoutRetryInfoOnlyUnavailableIsRetryableUnlessForbidden(
      Status.Code code, String pushback, boolean retryable) {
    Metadata trailers = new Metadata();
    if (pushback != null) {
      trailers.put(
          Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER), pushback);
    }

    assertEquals(retryable, Failure.of(code.toStatus(), trailers).isRetryable());
  }

  @ParameterizedTest
  @EnumSource(value = Status.Code.class, names = "OK", mode = EnumSource.Mode.EXCLUDE)
  void classFollowsFromTheCode(Status.Code code) {
    Class<?> expected =
        switch (code) {
          case INVALID_ARGUMENT -> InvalidRequestException.class;
          case RESOURCE_EXHAUSTED -> ThrottledException.class;
          case UNAVAILABLE -> UnavailableException.class;
          case DEADLINE_EXCEEDED -> DeadlineExceededException.class;
          case CANCELLED -> CancelledException.class;
          default -> GatewayException.class;
        };

    assertEquals(expected, Failure.of(code.toStatus(), null).getClass());
  }

  @Test
  void exceptionOutlivesSerialization() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(Failure.of(Status.RESOURCE_EXHAUSTED, trailers(INFO)));
    }

    Object read = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();

    GatewayException failure = assertInstanceOf(ThrottledException.class, read);
    assertEquals("UPSTREAM_THROTTLED", failure.reason());
    assertTrue(failure.trailers().keys().isEmpty());
  }

  private static Metadata trailers(Message... details) {
    com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder();
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, status.build().toByteArray());
    return trailers;
  }
}
