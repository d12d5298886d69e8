package io.github.bedrockgateway;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Map;

/** Sends the metadata of one call, and shows the headers of its response. */
final class CallMetadata implements ClientInterceptor {
  private final ClientOptions client;
  private final RequestOptions request;

  CallMetadata(ClientOptions client, RequestOptions request) {
    this.client = client;
    this.request = request;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<Q, R>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        put(headers, client.metadata());
        put(headers, request.metadata());
        super.start(new HeadersListener<>(listener), headers);
      }
    };
  }

  /** The name, if metadata can have it. */
  static String checkedName(String name) {
    return key(name).originalName();
  }

  /** The value, if metadata can have it. Not repeated in the message, as it may be a secret. */
  static String checkedValue(String name, String value) {
    if (!value.chars().allMatch(character -> character >= ' ' && character <= '~')) {
      throw new IllegalArgumentException(
          "metadata " + name + ": the value must be printable ASCII");
    }
    return value;
  }

  private static void put(Metadata headers, Map<String, String> values) {
    values.forEach(
        (name, value) -> {
          headers.discardAll(key(name));
          headers.put(key(name), checkedValue(name, value));
        });
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private final class HeadersListener<R> extends SimpleForwardingClientCallListener<R> {
    HeadersListener(ClientCall.Listener<R> listener) {
      super(listener);
    }

    @Override
    public void onHeaders(Metadata headers) {
      request.onHeaders().accept(headers);
      super.onHeaders(headers);
    }
  }
}
