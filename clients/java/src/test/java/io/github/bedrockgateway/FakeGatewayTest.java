package io.github.bedrockgateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bedrock.gateway.v1.ContentBlock;
import bedrock.gateway.v1.DocumentBlock;
import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamRequest;
import bedrock.gateway.v1.InvokeStreamResponse;
import bedrock.gateway.v1.Message;
import bedrock.gateway.v1.Model;
import com.google.protobuf.ByteString;
import io.grpc.InsecureServerCredentials;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.testing.TlsTesting;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class FakeGatewayTest {
  private static final InvokeRequest HI = InvokeRequest.newBuilder().setPrompt("Hi").build();
  private static final InvokeStreamRequest HI_STREAM =
      InvokeStreamRequest.newBuilder().setPrompt("Hi").build();
  private static final long LIMIT_SECONDS = 60;

  private final FakeGateway gateway = new FakeGateway();
  private final GatewayClient client = GatewayClient.connect(gateway.address());

  @AfterEach
  void stop() {
    client.close();
    gateway.close();
  }

  @Test
  void unavailableIsRetriedAndTheServerIsTold() {
    gateway.fail(Status.UNAVAILABLE, "1");

    InvokeResponse answer = client.invoke(HI);

    assertEquals("answer", answer.getText());
    assertEquals(2, gateway.calls.size());
    assertNull(gateway.calls.get(0).get(FakeGateway.key("grpc-previous-rpc-attempts")));
    assertEquals("1", gateway.calls.get(1).get(FakeGateway.key("grpc-previous-rpc-attempts")));
  }

  @Test
  void retriesAreLimited() {
    for (int i = 0; i < 3; i++) {
      gateway.fail(Status.UNAVAILABLE.withDescription("try " + i), "1");
    }

    GatewayException failure = assertThrows(UnavailableException.class, () -> client.invoke(HI));

    assertEquals("try 2", failure.description());
    assertEquals(3, gateway.calls.size());
  }

  @Test
  void negativePushbackEndsRetries() {
    gateway.fail(Status.UNAVAILABLE, "-1");

    GatewayException failure = assertThrows(UnavailableException.class, () -> client.invoke(HI));

    assertEquals(1, gateway.calls.size());
    assertFalse(failure.isRetryable());
  }

  @Test
  void whatMayHaveBeenBilledIsNotRetried() {
    gateway.fail(Status.RESOURCE_EXHAUSTED, null);

    assertThrows(ThrottledException.class, () -> client.invoke(HI));
    assertEquals(1, gateway.calls.size());
  }

  @Test
  void callsGoOnWhenTheGatewayIsBackAfterItsConnectionWasLost() {
    assertEquals("answer", client.invoke(HI).getText());
    int port = gateway.port();
    gateway.close();
    GatewayException failure = assertThrows(UnavailableException.class, () -> client.invoke(HI));
    assertEquals("", failure.reason());
    assertTrue(failure.isRetryable());

    try (FakeGateway next = new FakeGateway(port, InsecureServerCredentials.create())) {
      // The library waits about a second before it tries the address again.
      String text = "";
      while (text.isEmpty()) {
        try {
          text = client.invoke(HI).getText();
        } catch (UnavailableException e) {
          assertTrue(e.isRetryable());
        }
      }
      assertEquals("answer", text);
      assertEquals(1, next.calls.size());
    }
  }

  @Test
  void gatewayThatIsNotHealthyIsNotCalled() {
    gateway.health().setStatus("bedrock.gateway.v1.ModelService", ServingStatus.NOT_SERVING);

    GatewayException failure = assertThrows(UnavailableException.class, () -> client.invoke(HI));

    assertEquals(0, gateway.calls.size());
    assertTrue(failure.isRetryable());
  }

  @Test
  void everyCallHasDeadlineAndItsOwnMayBeLonger() {
    client.invoke(HI);
    assertTrue(gateway.deadlineMs > 100_000 && gateway.deadlineMs <= 120_000);

    client.invoke(HI, RequestOptions.defaults().withDeadline(Duration.ofMinutes(30)));
    assertTrue(gateway.deadlineMs > 1_700_000, "it was " + gateway.deadlineMs);

    ClientOptions options =
        ClientOptions.builder().deadline(Operation.INVOKE, Duration.ofSeconds(40)).build();
    try (GatewayClient hurried = GatewayClient.connect(gateway.address(), options)) {
      hurried.invoke(HI);
    }
    assertTrue(gateway.deadlineMs > 20_000 && gateway.deadlineMs <= 40_000);
  }

  @Test
  void metadataIsSentAndThatOfTheCallReplacesThatOfTheClient() {
    AtomicInteger asked = new AtomicInteger();
    ClientOptions options =
        ClientOptions.builder()
            .metadata("x-team", "fixed")
            .metadata("x-tier", "fixed")
            .metadata(() -> Map.of("x-token", "token-" + asked.incrementAndGet()))
            .build();
    try (GatewayClient other = GatewayClient.connect(gateway.address(), options)) {
      other.invoke(HI);
      other.invoke(HI, RequestOptions.defaults().withMetadata("x-team", "own"));
    }

    assertEquals("fixed", gateway.calls.get(0).get(FakeGateway.key("x-team")));
    assertEquals("token-1", gateway.calls.get(0).get(FakeGateway.key("x-token")));
    assertEquals("own", gateway.calls.get(1).get(FakeGateway.key("x-team")));
    assertEquals("fixed", gateway.calls.get(1).get(FakeGateway.key("x-tier")));
    assertEquals("token-2", gateway.calls.get(1).get(FakeGateway.key("x-token")));
    String agent = gateway.calls.get(0).get(FakeGateway.key("user-agent"));
    assertTrue(agent.startsWith("bedrock-gateway-client-java/0.1.0"), agent);
  }

  @Test
  void failureToGetMetadataReachesTheCaller() {
    ClientOptions options =
        ClientOptions.builder()
            .metadata(
                () -> {
                  throw new IllegalStateException("no token");
                })
            .build();
    try (GatewayClient other = GatewayClient.connect(gateway.address(), options)) {
      IllegalStateException failure =
          assertThrows(IllegalStateException.class, () -> other.invoke(HI));
      assertEquals("no token", failure.getMessage());
      failure = assertThrows(IllegalStateException.class, () -> other.stream(HI));
      assertEquals("no token", failure.getMessage());
    }
    assertEquals(0, gateway.calls.size());
  }

  @Test
  void messageBeyondTheUsualFourMebibytesFits() {
    client.invoke(document(20 << 20));

    assertEquals(
        20 << 20, gateway.received.getMessages(0).getContent(0).getDocument().getData().size());
  }

  @Test
  void messageBeyondTheLimitIsRefusedHere() {
    GatewayException failure =
        assertThrows(ThrottledException.class, () -> client.invoke(document(33 << 20)));
    assertThrows(ThrottledException.class, () -> client.stream(document(33 << 20)));
    assertThrows(ThrottledException.class, () -> client.invokeAsync(document(33 << 20)));

    assertEquals("", failure.reason());
    assertEquals(0, gateway.calls.size());
  }

  @Test
  void largeRequestIsRetriedAsWell() {
    gateway.fail(Status.UNAVAILABLE, "1");

    assertEquals("answer", client.invoke(document(5 << 20)).getText());
    assertEquals(2, gateway.calls.size());
  }

  @Test
  void cancelledFutureEndsTheCall() throws Exception {
    gateway.plan.add(observer -> {});
    CompletableFuture<InvokeResponse> answer = client.invokeAsync(HI);
    await(() -> gateway.received != null);

    assertTrue(answer.cancel(true));

    assertTrue(gateway.cancelled.await(LIMIT_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void futureGivesTheAnswerOrTheFailure() throws Exception {
    assertEquals("answer", client.invokeAsync(HI).get().getText());

    gateway.fail(Status.INVALID_ARGUMENT.withDescription("no"), null);
    CompletableFuture<InvokeResponse> refused = client.invokeAsync(HI);
    ExecutionException failure = assertThrows(ExecutionException.class, refused::get);

    assertInstanceOf(InvalidRequestException.class, failure.getCause());
  }

  @Test
  void interruptEndsTheCall() throws Exception {
    gateway.plan.add(observer -> {});
    BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                client.invoke(HI);
              } catch (CancelledException e) {
                outcome.add(Thread.currentThread().isInterrupted());
              }
            });
    caller.start();
    await(() -> gateway.received != null);

    caller.interrupt();

    assertEquals(true, outcome.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
    assertTrue(gateway.cancelled.await(LIMIT_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void streamThatIsLeftEarlyIsCancelled() throws Exception {
    gateway.streamEvents = Integer.MAX_VALUE;

    try (EventStream events = client.stream(HI)) {
      assertTrue(events.iterator().hasNext());
    }

    assertTrue(gateway.cancelled.await(LIMIT_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void closedStreamThrowsInsteadOfSeemingComplete() {
    gateway.streamEvents = Integer.MAX_VALUE;
    EventStream events = client.stream(HI);
    Iterator<InvokeStreamResponse> iterator = events.iterator();
    iterator.next();

    events.close();

    assertThrows(CancelledException.class, () -> iterator.forEachRemaining(event -> {}));
    assertThrows(CancelledException.class, iterator::hasNext);
  }

  @Test
  void slowReaderHoldsTheGatewayBack() throws Exception {
    gateway.streamEvents = 100_000;

    try (EventStream events = client.stream(HI)) {
      events.iterator().next();
      awaitStill(gateway.sent::get);
      assertTrue(gateway.sent.get() < 1000, "sent " + gateway.sent);
    }
  }

  @Test
  void streamThatEndsWithOkButNotWholeIsNoAnswer() {
    GatewayException failure =
        assertThrows(GatewayException.class, () -> client.stream(HI).collect());

    assertEquals(Status.Code.INTERNAL, failure.code());
  }

  @Test
  void publisherSendsWhatIsAskedForAndCancels() throws Exception {
    gateway.streamEvents = 100_000;
    BlockingQueue<Object> signals = new LinkedBlockingQueue<>();
    Probe probe = new Probe(signals);
    client.publish(HI_STREAM, RequestOptions.defaults()).subscribe(probe);

    probe.subscription.request(2);

    assertInstanceOf(InvokeStreamResponse.class, signals.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
    assertInstanceOf(InvokeStreamResponse.class, signals.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
    awaitStill(gateway.sent::get);
    assertTrue(signals.isEmpty());

    probe.subscription.cancel();

    assertTrue(gateway.cancelled.await(LIMIT_SECONDS, TimeUnit.SECONDS));
    assertTrue(signals.isEmpty());
  }

  @Test
  void publisherCompletesAndMakesCallForEachSubscriber() throws Exception {
    Flow.Publisher<InvokeStreamResponse> publisher =
        client.publish(HI_STREAM, RequestOptions.defaults());
    for (int i = 1; i <= 2; i++) {
      gateway.sent.set(0);
      BlockingQueue<Object> signals = new LinkedBlockingQueue<>();
      Probe probe = new Probe(signals);
      publisher.subscribe(probe);
      probe.subscription.request(Long.MAX_VALUE);

      for (int event = 0; event < 3; event++) {
        assertInstanceOf(InvokeStreamResponse.class, signals.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
      }
      assertEquals("complete", signals.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
      assertEquals(i, gateway.calls.size());
    }
  }

  @Test
  void demandOfNothingIsAnError() throws Exception {
    BlockingQueue<Object> signals = new LinkedBlockingQueue<>();
    Probe probe = new Probe(signals);
    gateway.streamEvents = 100_000;
    client.publish(HI_STREAM, RequestOptions.defaults()).subscribe(probe);
    await(() -> gateway.sent.get() > 0);

    probe.subscription.request(0);

    assertInstanceOf(IllegalArgumentException.class, signals.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
    assertTrue(gateway.cancelled.await(LIMIT_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void pagesOfModelsAreAskedForWhenNeeded() {
    Iterator<Model> models = client.listModels().iterator();

    assertEquals(0, gateway.pages.get());
    assertEquals("model-0", models.next().getName());
    assertEquals(1, gateway.pages.get());
    assertEquals("model-1", models.next().getName());
    assertEquals(2, gateway.pages.get());
    assertEquals(
        List.of("model-0", "model-1", "model-2"), client.listModels().map(Model::getName).toList());
  }

  @Test
  void closedClientSaysSo() {
    client.close();

    assertThrows(IllegalStateException.class, () -> client.invoke(HI));
  }

  @Test
  void tlsTrustsTheGivenAuthorityAndShowsTheClientsCertificate(@TempDir Path folder)
      throws Exception {
    Path authority = extracted(folder, "ca.pem");
    Path chain = extracted(folder, "client.pem");
    Path key = extracted(folder, "client.key");
    var credentials =
        TlsServerCredentials.newBuilder()
            .keyManager(TlsTesting.loadCert("server1.pem"), TlsTesting.loadCert("server1.key"))
            .trustManager(TlsTesting.loadCert("ca.pem"))
            .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
            .build();
    try (FakeGateway secure = new FakeGateway(0, credentials)) {
      String address = "https://localhost:" + secure.port();
      ClientOptions.Builder options =
          ClientOptions.builder()
              .certificateAuthority(authority)
              .configureChannel(channel -> channel.overrideAuthority("foo.test.google.fr"));

      try (GatewayClient unknown = GatewayClient.connect(address, options.build())) {
        assertThrows(UnavailableException.class, () -> unknown.invoke(HI));
      }
      options.clientCertificate(chain, key);
      try (GatewayClient known = GatewayClient.connect(address, options.build())) {
        assertEquals("answer", known.invoke(HI).getText());
      }
      try (GatewayClient distrustful = GatewayClient.connect(address)) {
        assertThrows(UnavailableException.class, () -> distrustful.invoke(HI));
      }
    }
  }

  private static Path extracted(Path folder, String name) throws Exception {
    Path file = folder.resolve(name);
    try (InputStream certificate = TlsTesting.loadCert(name)) {
      Files.copy(certificate, file);
    }
    return file;
  }

  private static InvokeRequest document(int bytes) {
    ContentBlock block =
        ContentBlock.newBuilder()
            .setDocument(DocumentBlock.newBuilder().setData(ByteString.copyFrom(new byte[bytes])))
            .build();
    return InvokeRequest.newBuilder().addMessages(Message.newBuilder().addContent(block)).build();
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  /** Waits until a number has not changed for a while. */
  private static void awaitStill(java.util.function.IntSupplier number) throws Exception {
    int before;
    do {
      before = number.getAsInt();
      TimeUnit.MILLISECONDS.sleep(200);
    } while (before != number.getAsInt());
  }

  private static final class Probe implements Flow.Subscriber<InvokeStreamResponse> {
    private final BlockingQueue<Object> signals;
    private Flow.Subscription subscription;

    Probe(BlockingQueue<Object> signals) {
      this.signals = signals;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      this.subscription = subscription;
    }

    @Override
    public void onNext(InvokeStreamResponse event) {
      signals.add(event);
    }

    @Override
    public void onError(Throwable thrown) {
      signals.add(thrown);
    }

    @Override
    public void onComplete() {
      signals.add("complete");
    }
  }
}
