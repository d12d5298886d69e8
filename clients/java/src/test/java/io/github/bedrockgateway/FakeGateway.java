package io.github.bedrockgateway;

import bedrock.gateway.v1.InferenceServiceGrpc;
import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamRequest;
import bedrock.gateway.v1.InvokeStreamResponse;
import bedrock.gateway.v1.ListModelsRequest;
import bedrock.gateway.v1.ListModelsResponse;
import bedrock.gateway.v1.ModelServiceGrpc;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A server of the same API that does what a test says. */
final class FakeGateway implements AutoCloseable {
  static final Metadata.Key<String> PUSHBACK = key("grpc-retry-pushback-ms");

  /** The headers of each call of a model that arrived, retries included. */
  final List<Metadata> calls = new CopyOnWriteArrayList<>();

  /** What the next calls do; an answer if it is empty. */
  final BlockingQueue<Consumer<StreamObserver<InvokeResponse>>> plan = new LinkedBlockingQueue<>();

  /** Events that each stream sends, as far as the client asks for them. */
  volatile int streamEvents = 3;

  final CountDownLatch cancelled = new CountDownLatch(1);
  volatile long deadlineMs;
  volatile InvokeRequest received;
  final AtomicInteger sent = new AtomicInteger();
  final AtomicInteger pages = new AtomicInteger();

  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;

  FakeGateway() {
    this(0, InsecureServerCredentials.create());
  }

  FakeGateway(int port, ServerCredentials credentials) {
    health.setStatus(ModelServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    try {
      server =
          Grpc.newServerBuilderForPort(port, credentials)
              .addService(new Inference())
              .addService(new Models())
              .addService(health.getHealthService())
              .intercept(new Recorder())
              .maxInboundMessageSize(64 << 20)
              .build()
              .start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  int port() {
    return server.getPort();
  }

  String address() {
    return "http://127.0.0.1:" + port();
  }

  HealthStatusManager health() {
    return health;
  }

  /** The next call fails with the status, and the pushback if there is one. */
  void fail(Status status, String pushback) {
    plan.add(
        observer -> {
          Metadata trailers = new Metadata();
          if (pushback != null) {
            trailers.put(PUSHBACK, pushback);
          }
          observer.onError(status.asRuntimeException(trailers));
        });
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private final class Inference extends InferenceServiceGrpc.InferenceServiceImplBase {
    @Override
    public void invoke(InvokeRequest request, StreamObserver<InvokeResponse> observer) {
      ((ServerCallStreamObserver<InvokeResponse>) observer)
          .setOnCancelHandler(cancelled::countDown);
      deadlineMs = Context.current().getDeadline().timeRemaining(TimeUnit.MILLISECONDS);
      received = request;
      Consumer<StreamObserver<InvokeResponse>> step = plan.poll();
      if (step != null) {
        step.accept(observer);
        return;
      }
      observer.onNext(InvokeResponse.newBuilder().setText("answer").build());
      observer.onCompleted();
    }

    @Override
    public void invokeStream(
        InvokeStreamRequest request, StreamObserver<InvokeStreamResponse> observer) {
      var events = (ServerCallStreamObserver<InvokeStreamResponse>) observer;
      events.setOnCancelHandler(cancelled::countDown);
      // Large enough that flow control holds the sender back early.
      InvokeStreamResponse event =
          InvokeStreamResponse.newBuilder()
              .setContentBlockDelta(
                  bedrock.gateway.v1.ContentBlockDeltaEvent.newBuilder().setText("x".repeat(20000)))
              .build();
      events.setOnReadyHandler(
          () -> {
            while (events.isReady() && sent.get() < streamEvents) {
              events.onNext(event);
              if (sent.incrementAndGet() == streamEvents) {
                events.onCompleted();
              }
            }
          });
    }
  }

  private final class Models extends ModelServiceGrpc.ModelServiceImplBase {
    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
      pages.incrementAndGet();
      int page = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
      ListModelsResponse.Builder response = ListModelsResponse.newBuilder();
      response.addModelsBuilder().setName("model-" + page);
      if (page < 2) {
        response.setNextPageToken(String.valueOf(page + 1));
      }
      observer.onNext(response.build());
      observer.onCompleted();
    }
  }

  private final class Recorder implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      if (call.getMethodDescriptor().getFullMethodName().contains("InferenceService")) {
        calls.add(headers);
      }
      return next.startCall(call, headers);
    }
  }
}
