package io.github.bedrockgateway;

import bedrock.gateway.v1.CountTokensRequest;
import bedrock.gateway.v1.CountTokensResponse;
import bedrock.gateway.v1.GetModelRequest;
import bedrock.gateway.v1.InferenceServiceGrpc;
import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamRequest;
import bedrock.gateway.v1.InvokeStreamResponse;
import bedrock.gateway.v1.ListModelsRequest;
import bedrock.gateway.v1.ListModelsResponse;
import bedrock.gateway.v1.Model;
import bedrock.gateway.v1.ModelServiceGrpc;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A client of one bedrock-gateway, with one channel. Safe for use by many threads; a program needs
 * one for each gateway.
 *
 * <p>Every call has a deadline; see {@link ClientOptions.Builder#deadline}. Every call that fails
 * throws {@link GatewayException} or a subclass. UNAVAILABLE is tried three or four times
 * altogether within the deadline, as long as nothing of an answer has come and the gateway does not
 * forbid it. Nothing else is tried again, because it may have been billed, unless the gateway
 * itself says when to (the trailer {@code grpc-retry-pushback-ms}), which grpc-java obeys whatever
 * the code. Messages may have 32 MiB, requests and answers alike.
 *
 * <p>A blocking call ends early if its thread is interrupted: the call is cancelled at the gateway
 * and at the model, {@link CancelledException} is thrown, and the thread stays interrupted.
 */
public final class GatewayClient implements AutoCloseable {
  /** The version of this client. */
  public static final String VERSION = "0.1.0";

  static final String USER_AGENT = "bedrock-gateway-client-java/" + VERSION;

  private static final String INFERENCE_SERVICE = InferenceServiceGrpc.SERVICE_NAME;
  private static final Duration OTHER_DEADLINE = Duration.ofSeconds(10);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final ManagedChannel channel;
  private final ClientOptions options;
  private final Map<Operation, Duration> deadlines = new EnumMap<>(Operation.class);

  private GatewayClient(Address address, ClientOptions options) {
    ServiceConfig config = ServiceConfig.load();
    for (Operation operation : Operation.values()) {
      Duration timeout = config.timeout(operation, OTHER_DEADLINE);
      deadlines.put(operation, options.deadlines().getOrDefault(operation, timeout));
    }
    this.options = options;
    channel = ChannelFactory.channel(address, options, config);
  }

  /**
   * Makes a client with default options. See {@link #connect(String, ClientOptions)}.
   *
   * @param address of the gateway
   * @return a client
   */
  public static GatewayClient connect(String address) {
    return connect(address, ClientOptions.defaults());
  }

  /**
   * Makes a client. The connection is made when the first call needs it.
   *
   * @param address {@code http://HOST:PORT} for plain text, {@code https://HOST[:PORT]} for TLS.
   *     All addresses that DNS has for a name are used in turn, except those that say they are not
   *     healthy
   * @param options how to reach it
   * @return a client, to be closed when it is no longer needed
   * @throws IllegalArgumentException if the address or a certificate cannot be used
   */
  public static GatewayClient connect(String address, ClientOptions options) {
    return new GatewayClient(Address.parse(address), Objects.requireNonNull(options, "options"));
  }

  /**
   * Asks the first model that can answer.
   *
   * @param prompt not blank
   * @return the whole answer; its {@code metadata} says who gave it and what it cost
   * @throws GatewayException if the call fails
   */
  public InvokeResponse invoke(String prompt) {
    return invoke(InvokeRequest.newBuilder().setPrompt(prompt).build());
  }

  /**
   * Runs one turn of a conversation.
   *
   * @param request at least a prompt or a message
   * @return the whole answer
   * @throws GatewayException if the call fails
   */
  public InvokeResponse invoke(InvokeRequest request) {
    return invoke(request, RequestOptions.defaults());
  }

  /**
   * Runs one turn of a conversation.
   *
   * @param request at least a prompt or a message
   * @param options of this call
   * @return the whole answer
   * @throws GatewayException if the call fails
   */
  public InvokeResponse invoke(InvokeRequest request, RequestOptions options) {
    return unary(Operation.INVOKE, InferenceServiceGrpc.getInvokeMethod(), request, options);
  }

  /**
   * Runs one turn of a conversation without blocking. See {@link #invokeAsync(InvokeRequest,
   * RequestOptions)}.
   *
   * @param request at least a prompt or a message
   * @return the answer to come
   */
  public CompletableFuture<InvokeResponse> invokeAsync(InvokeRequest request) {
    return invokeAsync(request, RequestOptions.defaults());
  }

  /**
   * Runs one turn of a conversation without blocking.
   *
   * @param request at least a prompt or a message
   * @param options of this call
   * @return the answer to come, or {@link GatewayException}. Cancelling this very future, or
   *     completing it in another way, as {@code orTimeout} does, ends the call at the gateway and
   *     at the model; cancelling one derived from it does not
   */
  public CompletableFuture<InvokeResponse> invokeAsync(
      InvokeRequest request, RequestOptions options) {
    checkSize(request);
    ClientCall<InvokeRequest, InvokeResponse> call =
        channel(options)
            .newCall(
                InferenceServiceGrpc.getInvokeMethod(), callOptions(Operation.INVOKE, options));
    AnswerFuture answer = new AnswerFuture(call);
    ClientCalls.asyncUnaryCall(call, request, answer);
    return answer;
  }

  /**
   * Asks the first model that can answer, and gives the answer while it is generated.
   *
   * @param prompt not blank
   * @return the events
   */
  public EventStream stream(String prompt) {
    return stream(InvokeRequest.newBuilder().setPrompt(prompt).build());
  }

  /**
   * Runs one turn of a conversation, and gives the answer while it is generated.
   *
   * @param request at least a prompt or a message
   * @return the events
   */
  public EventStream stream(InvokeRequest request) {
    return stream(request, RequestOptions.defaults());
  }

  /**
   * Runs one turn of a conversation, and gives the answer while it is generated.
   *
   * @param request at least a prompt or a message
   * @param options of this call
   * @return the events
   */
  public EventStream stream(InvokeRequest request, RequestOptions options) {
    return stream(streamRequest(request), options);
  }

  /**
   * Runs one turn of a conversation, and gives the answer while it is generated.
   *
   * @param request at least a prompt or a message; also how to recover and to show life
   * @return the events
   */
  public EventStream stream(InvokeStreamRequest request) {
    return stream(request, RequestOptions.defaults());
  }

  /**
   * Runs one turn of a conversation, and gives the answer while it is generated.
   *
   * @param request at least a prompt or a message; also how to recover and to show life
   * @param options of this call
   * @return the events. Failures of the call are thrown while they are read, not here
   */
  public EventStream stream(InvokeStreamRequest request, RequestOptions options) {
    checkSize(request);
    ClientCall<InvokeStreamRequest, InvokeStreamResponse> call = streamCall(options);
    EventStream events = new EventStream(call);
    start(call, request, events.listener());
    events.open();
    return events;
  }

  /**
   * Gives the answer to each subscriber that asks for it, while it is generated. See {@link
   * #publish(InvokeStreamRequest, RequestOptions)}.
   *
   * @param request at least a prompt or a message
   * @return a publisher of the events
   */
  public Flow.Publisher<InvokeStreamResponse> publish(InvokeRequest request) {
    return publish(streamRequest(request), RequestOptions.defaults());
  }

  /**
   * Gives the answer to each subscriber that asks for it, while it is generated. Each subscriber
   * makes a call of its own, which is billed. The subscriber's demand holds the gateway back, and
   * cancelling the subscription ends the call at the gateway and at the model. A call that does not
   * end with OK ends with {@code onError} and a {@link GatewayException}.
   *
   * @param request at least a prompt or a message; also how to recover and to show life
   * @param options of the calls
   * @return a publisher of the events
   */
  public Flow.Publisher<InvokeStreamResponse> publish(
      InvokeStreamRequest request, RequestOptions options) {
    checkSize(request);
    return new EventPublisher(
        listener -> {
          ClientCall<InvokeStreamRequest, InvokeStreamResponse> call = streamCall(options);
          start(call, request, listener);
          return call;
        });
  }

  /**
   * Counts the tokens of a request without running a model.
   *
   * @param request the conversation, and the model whose tokenizer counts
   * @return the count, and the model that counted
   * @throws GatewayException if the call fails, with the reason CAPABILITY_UNSUPPORTED if the model
   *     cannot count
   */
  public CountTokensResponse countTokens(CountTokensRequest request) {
    return countTokens(request, RequestOptions.defaults());
  }

  /**
   * Counts the tokens of a request without running a model.
   *
   * @param request the conversation, and the model whose tokenizer counts
   * @param options of this call
   * @return the count, and the model that counted
   * @throws GatewayException if the call fails, with the reason CAPABILITY_UNSUPPORTED if the model
   *     cannot count
   */
  public CountTokensResponse countTokens(CountTokensRequest request, RequestOptions options) {
    return unary(
        Operation.COUNT_TOKENS, InferenceServiceGrpc.getCountTokensMethod(), request, options);
  }

  /**
   * Lists all models in the order in which they are tried, those that cannot be called included.
   *
   * @return the models; a page of them is asked for when it is needed, and that is when {@link
   *     GatewayException} is thrown if the call fails
   */
  public Stream<Model> listModels() {
    return listModels(ListModelsRequest.getDefaultInstance(), RequestOptions.defaults());
  }

  /**
   * Lists all models from a page on.
   *
   * @param first the first page, and how many models each has, at most 1000
   * @param options of each call; the deadline is for each page
   * @return the models, asked for page by page when they are needed
   */
  public Stream<Model> listModels(ListModelsRequest first, RequestOptions options) {
    ModelPages models = new ModelPages(first, request -> listModelsPage(request, options));
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(models, Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  /**
   * Lists one page of models.
   *
   * @param request which page, and how many models it has, at most 1000
   * @param options of this call
   * @return the page, and the token of the next one
   * @throws GatewayException if the call fails
   */
  public ListModelsResponse listModelsPage(ListModelsRequest request, RequestOptions options) {
    return unary(Operation.LIST_MODELS, ModelServiceGrpc.getListModelsMethod(), request, options);
  }

  /**
   * Gets one model.
   *
   * @param name or alias
   * @return the model
   * @throws GatewayException if the call fails, with the reason MODEL_NOT_FOUND if there is none
   */
  public Model getModel(String name) {
    return getModel(name, RequestOptions.defaults());
  }

  /**
   * Gets one model.
   *
   * @param name or alias
   * @param options of this call
   * @return the model
   * @throws GatewayException if the call fails, with the reason MODEL_NOT_FOUND if there is none
   */
  public Model getModel(String name, RequestOptions options) {
    GetModelRequest request = GetModelRequest.newBuilder().setName(name).build();
    return unary(Operation.GET_MODEL, ModelServiceGrpc.getGetModelMethod(), request, options)
        .getModel();
  }

  /**
   * {@return whether the gateway takes calls of models}
   *
   * @throws GatewayException if the call fails, as when the gateway cannot be reached
   */
  public boolean isServing() {
    return isServing(INFERENCE_SERVICE);
  }

  /**
   * Asks whether a service can be called.
   *
   * @param service {@code bedrock.gateway.v1.InferenceService}, {@code
   *     bedrock.gateway.v1.ModelService}, {@code liveness}, or {@code models/} and the name of a
   *     model
   * @return whether it is serving
   * @throws GatewayException if the call fails, with NOT_FOUND if there is no such service
   */
  public boolean isServing(String service) {
    return isServing(service, RequestOptions.defaults());
  }

  /**
   * Asks whether a service can be called.
   *
   * @param service see {@link #isServing(String)}
   * @param options of this call
   * @return whether it is serving
   * @throws GatewayException if the call fails, with NOT_FOUND if there is no such service
   */
  public boolean isServing(String service, RequestOptions options) {
    HealthCheckRequest request = HealthCheckRequest.newBuilder().setService(service).build();
    return unary(Operation.HEALTH, HealthGrpc.getCheckMethod(), request, options).getStatus()
        == ServingStatus.SERVING;
  }

  /**
   * Ends all calls that are under way and closes the connections, waiting up to 5 s for that. Calls
   * made later fail with {@link IllegalStateException}.
   */
  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private <Q extends MessageLite, R> R unary(
      Operation operation, MethodDescriptor<Q, R> method, Q request, RequestOptions options) {
    checkSize(request);
    try {
      return ClientCalls.blockingUnaryCall(
          channel(options), method, callOptions(operation, options), request);
    } catch (StatusRuntimeException e) {
      throw Failure.of(e);
    }
  }

  /** Refuses what is too large at once: a call with retries would wait for its deadline. */
  private static void checkSize(MessageLite request) {
    int bytes = request.getSerializedSize();
    if (bytes > ChannelFactory.MAX_MESSAGE_BYTES) {
      String problem =
          "the request has "
              + bytes
              + " bytes, and a message may have "
              + ChannelFactory.MAX_MESSAGE_BYTES;
      throw Failure.of(Status.RESOURCE_EXHAUSTED.withDescription(problem), null);
    }
  }

  private ClientCall<InvokeStreamRequest, InvokeStreamResponse> streamCall(RequestOptions options) {
    return channel(options)
        .newCall(
            InferenceServiceGrpc.getInvokeStreamMethod(),
            callOptions(Operation.INVOKE_STREAM, options));
  }

  private static <Q, R> void start(
      ClientCall<Q, R> call, Q request, ClientCall.Listener<R> listener) {
    call.start(listener, new Metadata());
    try {
      call.sendMessage(request);
      call.halfClose();
    } catch (RuntimeException e) {
      call.cancel("the request could not be sent", e);
      throw e;
    }
  }

  private Channel channel(RequestOptions request) {
    if (channel.isShutdown()) {
      throw new IllegalStateException("the client is closed");
    }
    return ClientInterceptors.intercept(channel, new CallMetadata(options, request));
  }

  private CallOptions callOptions(Operation operation, RequestOptions request) {
    Duration deadline = request.deadline().orElse(deadlines.get(operation));
    return CallOptions.DEFAULT
        .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
        .withMaxOutboundMessageSize(ChannelFactory.MAX_MESSAGE_BYTES);
  }

  /** The API promises that the one can be read as the other. */
  private static InvokeStreamRequest streamRequest(InvokeRequest request) {
    try {
      return InvokeStreamRequest.parseFrom(request.toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a request is not a request for a stream", e);
    }
  }

  /** An answer to come, without which there is no need for its call. */
  private static final class AnswerFuture extends CompletableFuture<InvokeResponse>
      implements StreamObserver<InvokeResponse> {
    private InvokeResponse answer;

    AnswerFuture(ClientCall<?, ?> call) {
      var unused =
          whenComplete(
              (answer, failure) -> {
                if (failure != null) {
                  call.cancel("nobody waits for the answer", failure);
                }
              });
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>();
    }

    @Override
    public void onNext(InvokeResponse response) {
      answer = response;
    }

    @Override
    public void onError(Throwable thrown) {
      if (thrown instanceof StatusRuntimeException failure) {
        completeExceptionally(Failure.of(failure));
      } else {
        completeExceptionally(thrown);
      }
    }

    @Override
    public void onCompleted() {
      complete(answer);
    }
  }
}
