package io.github.bedrockgateway;

import bedrock.gateway.v1.Attempt;
import bedrock.gateway.v1.ErrorReason;
import bedrock.gateway.v1.InvocationFailure;
import com.google.rpc.BadRequest;
import com.google.rpc.QuotaFailure;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A call that failed, at the gateway or on the way to it.
 *
 * <p>Decide by {@link #reason()}, which keeps its meaning; where a program does not know the
 * reason, by {@link #code()}. Both, the gateway's message and the request id stand in {@link
 * #getMessage()}, which never holds a prompt, an answer or a secret. There are subclasses for the
 * codes that programs treat differently.
 *
 * <p>{@code docs/errors.md} of the project says of every reason who can end it, and how.
 */
public sealed class GatewayException extends RuntimeException
    permits InvalidRequestException,
        ThrottledException,
        UnavailableException,
        DeadlineExceededException,
        CancelledException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final String description;
  private final ErrorDetails details;
  private final boolean pushedBackForever;
  private final transient Metadata trailers;

  GatewayException(Failure failure) {
    super(failure.message(), failure.cause());
    code = failure.code();
    description = failure.description();
    details = failure.details();
    pushedBackForever = failure.isPushedBackForever();
    trailers = failure.trailers();
  }

  /** {@return the gRPC status code} */
  public Status.Code code() {
    return code;
  }

  /**
   * {@return the name of the {@link ErrorReason} without its prefix, for example
   * "UPSTREAM_THROTTLED"; empty if the gateway named none, as when it was not reached}
   */
  public String reason() {
    return details.reason();
  }

  /** {@return the gateway's words alone, in English, for people; they may change} */
  public String description() {
    return description;
  }

  /**
   * {@return the gateway's identifier of the call, which its log has too; empty if it was not
   * reached}
   */
  public String requestId() {
    return details.requestId();
  }

  /**
   * {@return how long to wait before the same request has a chance; empty if waiting is no help}
   */
  public Optional<Duration> retryDelay() {
    return Optional.ofNullable(details.retryDelay());
  }

  /**
   * {@return whether the same request may succeed later: the gateway said how long to wait, or is
   * unavailable and did not forbid to try again}
   *
   * <p>The client has then already retried what is safe to retry. A call of a model that failed may
   * have been billed.
   */
  public boolean isRetryable() {
    return details.retryDelay() != null || (code == Status.Code.UNAVAILABLE && !pushedBackForever);
  }

  /**
   * {@return the fields at fault, each with its path in the request, a reason such as "REQUIRED",
   * and what is wrong}
   */
  public List<BadRequest.FieldViolation> fieldViolations() {
    return details.fieldViolations();
  }

  /** {@return the limits of the gateway that were exceeded} */
  public List<QuotaFailure.Violation> quotaViolations() {
    return details.quotaViolations();
  }

  /**
   * {@return where the project's documentation says what to do, such as "docs/errors.md#internal"}
   */
  public String help() {
    return metadata().getOrDefault("help", "");
  }

  /**
   * {@return the facts of the failure for programs, as {@link ErrorReason} lists them: {@code
   * attempts}, {@code model}, {@code region}, {@code upstreamError} and others}
   */
  public Map<String, String> metadata() {
    return details.metadata();
  }

  /** {@return what was tried and what it cost; empty if no model was called or passed over} */
  public Optional<InvocationFailure> failure() {
    return Optional.ofNullable(details.failure());
  }

  /** {@return every attempt in order; the gateway leaves out the oldest if there are very many} */
  public List<Attempt> attempts() {
    return failure().map(failure -> failure.getMetadata().getAttemptsList()).orElse(List.of());
  }

  /** {@return whether content had already been sent on the stream} */
  public boolean isOutputStarted() {
    return failure().map(InvocationFailure::getOutputStarted).orElse(false);
  }

  /** {@return all details as the gateway sent them; the default instance if it sent none} */
  public com.google.rpc.Status status() {
    return details.status();
  }

  /** {@return a copy of the trailers; empty once the exception was serialized} */
  public Metadata trailers() {
    Metadata copy = new Metadata();
    if (trailers != null) {
      copy.merge(trailers);
    }
    return copy;
  }
}
