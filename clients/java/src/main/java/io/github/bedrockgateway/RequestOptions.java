package io.github.bedrockgateway;

import io.grpc.Metadata;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What one call does differently from the client's other calls. Immutable.
 *
 * <p>Metadata may hold secrets and is never shown by {@link #toString()}.
 */
public final class RequestOptions {
  private static final RequestOptions DEFAULTS = new RequestOptions(null, Map.of(), headers -> {});

  private final Duration deadline;
  private final Map<String, String> metadata;
  private final Consumer<Metadata> onHeaders;

  private RequestOptions(
      Duration deadline, Map<String, String> metadata, Consumer<Metadata> onHeaders) {
    this.deadline = deadline;
    this.metadata = metadata;
    this.onHeaders = onHeaders;
  }

  /** {@return options that change nothing} */
  public static RequestOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Limits the whole call, the gateway's and the client's own retries included.
   *
   * @param limit more than zero, from the moment the call is made
   * @return these options with the limit
   * @throws IllegalArgumentException if the limit is not more than zero
   */
  public RequestOptions withDeadline(Duration limit) {
    return new RequestOptions(positive("the deadline", limit), metadata, onHeaders);
  }

  /**
   * Sends metadata, in place of the client's own of the same name: {@code x-request-id} to choose
   * the request id, {@code traceparent} to be part of a trace, or whatever proxies want.
   *
   * @param name lower case, not ending in {@code -bin}
   * @param value printable ASCII
   * @return these options with the metadata
   * @throws IllegalArgumentException if the name or the value cannot be sent; the message does not
   *     repeat the value
   */
  public RequestOptions withMetadata(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(metadata);
    more.put(CallMetadata.checkedName(name), CallMetadata.checkedValue(name, value));
    return new RequestOptions(deadline, more, onHeaders);
  }

  /**
   * Shows the response headers, such as {@code x-request-id}, when they arrive. A call that fails
   * before may have none. Must not block.
   *
   * @param observer is given the headers, in a thread of the library's choice
   * @return these options with the observer
   */
  public RequestOptions onHeaders(Consumer<Metadata> observer) {
    return new RequestOptions(deadline, metadata, Objects.requireNonNull(observer, "observer"));
  }

  Optional<Duration> deadline() {
    return Optional.ofNullable(deadline);
  }

  Map<String, String> metadata() {
    return metadata;
  }

  Consumer<Metadata> onHeaders() {
    return onHeaders;
  }

  /** {@return the options for people, without any metadata} */
  @Override
  public String toString() {
    return "RequestOptions{deadline=" + deadline + "}";
  }

  static Duration positive(String name, Duration limit) {
    if (limit.isZero() || limit.isNegative()) {
      throw new IllegalArgumentException(name + " must be more than zero, not " + limit);
    }
    return limit;
  }
}
