package io.github.bedrockgateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bedrock.gateway.v1.Attempt;
import bedrock.gateway.v1.CountTokensRequest;
import bedrock.gateway.v1.ErrorReason;
import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamRequest;
import bedrock.gateway.v1.InvokeStreamResponse;
import bedrock.gateway.v1.ListModelsRequest;
import bedrock.gateway.v1.Model;
import bedrock.gateway.v1.RoutingConfig;
import bedrock.gateway.v1.StreamOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a real gateway and its emulator. Each test has a model of its own where it breaks it. */
@Timeout(180)
class LiveTest {
  private static final LiveGateway GATEWAY = LiveGateway.get();

  private final GatewayClient client = GatewayClient.connect(GATEWAY.address());

  @AfterEach
  void stop() {
    client.close();
    GATEWAY.reset();
  }

  @Test
  void promptIsAnswered() {
    InvokeResponse answer = client.invoke("Name three moons of Jupiter.");

    assertFalse(answer.getText().isBlank());
    assertTrue(answer.getMetadata().getUsage().getOutputTokens() > 0);
    assertFalse(answer.getMetadata().getRequestId().isEmpty());
  }

  @Test
  void streamJoinsToTheSameAnswer() {
    InvokeRequest request = request("claude-sonnet-4-5").build();

    InvokeResponse whole = client.invoke(request);
    InvokeResponse joined = client.stream(request).collect();

    assertEquals(whole.getText(), joined.getText());
    assertEquals(whole.getMessage(), joined.getMessage());
    assertEquals(whole.getStopReason(), joined.getStopReason());
    assertEquals(whole.getMetadata().getUsage(), joined.getMetadata().getUsage());
  }

  @Test
  void eventsAreReadWhileTheyComeAndCollected() {
    AnswerCollector collector = new AnswerCollector();
    int events = 0;
    try (EventStream stream = client.stream("Hi")) {
      for (InvokeStreamResponse event : stream) {
        collector.add(event);
        events++;
      }
    }

    assertTrue(events > 5);
    assertFalse(collector.response().getText().isBlank());
  }

  @Test
  void violationsOfTheRequestAreNamed() {
    InvokeRequest empty = InvokeRequest.getDefaultInstance();

    InvalidRequestException failure =
        assertThrows(InvalidRequestException.class, () -> client.invoke(empty));

    assertEquals("INVALID_REQUEST", failure.reason());
    assertEquals("prompt", failure.fieldViolations().get(0).getField());
    assertEquals("REQUIRED", failure.fieldViolations().get(0).getReason());
    assertFalse(failure.requestId().isEmpty());
    assertFalse(failure.help().isEmpty());
    assertFalse(failure.isRetryable());
  }

  @Test
  void failureInStreamIsThrownWhileItIsRead() {
    EventStream stream = client.stream(InvokeStreamRequest.getDefaultInstance());

    assertThrows(InvalidRequestException.class, () -> stream.iterator().hasNext());
    assertThrows(InvalidRequestException.class, stream::collect);
  }

  @Test
  void throttledModelSaysWhenToTryAgain() {
    GATEWAY.scenario("claude-sonnet-4-5", "{\"exception\": {\"name\": \"ThrottlingException\"}}");

    ThrottledException failure =
        assertThrows(
            ThrottledException.class, () -> client.invoke(only("claude-sonnet-4-5").build()));

    assertEquals("UPSTREAM_THROTTLED", failure.reason());
    assertTrue(failure.retryDelay().orElseThrow().toMillis() > 0);
    assertTrue(failure.isRetryable());
    assertFalse(failure.attempts().isEmpty());
    assertEquals(
        ErrorReason.ERROR_REASON_UPSTREAM_THROTTLED,
        failure.attempts().get(0).getError().getReason());
  }

  @Test
  void nextModelAnswersForOneThatFails() {
    GATEWAY.scenario("claude-opus-4-1", "{\"exception\": {\"name\": \"InternalServerException\"}}");
    InvokeRequest request =
        request("claude-opus-4-1")
            .setRoutingConfig(
                RoutingConfig.newBuilder().addFallbackModels("claude-sonnet-4-5").setMaxAttempts(4))
            .build();

    InvokeResponse answer = client.invoke(request);

    assertEquals("claude-sonnet-4-5", answer.getMetadata().getModel());
    assertEquals(
        Attempt.State.STATE_FAILED, answer.getMetadata().getAttemptsList().get(0).getState());
  }

  @Test
  void brokenStreamIsNoAnswerHoweverMuchOfItCame() {
    GATEWAY.scenario("claude-sonnet-4-5", "{\"cut\": {\"afterEvents\": 6}}");

    GatewayException failure =
        assertThrows(
            GatewayException.class,
            () -> client.stream(only("claude-sonnet-4-5").build()).collect());

    assertEquals(Status.Code.ABORTED, failure.code());
    assertEquals("STREAM_INTERRUPTED", failure.reason());
    assertTrue(failure.isOutputStarted());
  }

  @Test
  void restartedStreamHasOnlyTheLastAnswer() {
    GATEWAY.scenario("claude-sonnet-4-5", "{\"cut\": {\"afterEvents\": 6}, \"times\": 1}");
    InvokeStreamRequest request =
        InvokeStreamRequest.newBuilder()
            .setModel("claude-sonnet-4-5")
            .setPrompt("Hi")
            .setStreamOptions(
                StreamOptions.newBuilder().setRecovery(StreamOptions.Recovery.RECOVERY_RESTART))
            .build();

    InvokeResponse answer = client.stream(request).collect();

    assertEquals(1, answer.getMessage().getContentCount());
    assertEquals(answer.getText(), answer.getMessage().getContent(0).getText());
    assertTrue(answer.getMetadata().getAttemptsCount() > 1);
  }

  @Test
  void deadlineEndsTheCall() {
    GATEWAY.scenario("claude-sonnet-4-5", "{\"hang\": {}}");
    RequestOptions options = RequestOptions.defaults().withDeadline(Duration.ofMillis(500));

    assertThrows(
        DeadlineExceededException.class,
        () -> client.invoke(only("claude-sonnet-4-5").build(), options));
  }

  @Test
  void cancelledCallReachesTheModel() throws Exception {
    GATEWAY.scenario("claude-sonnet-4-5", "{\"hang\": {}}");
    CompletableFuture<InvokeResponse> answer =
        client.invokeAsync(only("claude-sonnet-4-5").build());
    awaitJournal("\"operation\"");

    answer.cancel(true);

    awaitJournal("\"clientClosed\":true");
  }

  @Test
  void closedStreamReachesTheModel() throws Exception {
    GATEWAY.scenario("claude-sonnet-4-5", "{\"hang\": {\"afterEvents\": 4}}");

    try (EventStream stream = client.stream(only("claude-sonnet-4-5").build())) {
      assertTrue(stream.iterator().hasNext());
    }

    awaitJournal("\"clientClosed\":true");
  }

  @Test
  void requestIdIsTheCallersAndComesBack() {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    RequestOptions options =
        RequestOptions.defaults().withMetadata("x-request-id", "ticket-7").onHeaders(headers::set);

    InvokeResponse answer = client.invoke(request("claude-sonnet-4-5").build(), options);

    assertEquals("ticket-7", answer.getMetadata().getRequestId());
    assertEquals("ticket-7", headers.get().get(FakeGateway.key("x-request-id")));
  }

  @Test
  void tokensAreCounted() {
    CountTokensRequest request =
        CountTokensRequest.newBuilder().setModel("claude-sonnet-4-5").setPrompt("Hi").build();

    assertTrue(client.countTokens(request).getInputTokens() > 0);
  }

  @Test
  void modelsAreListedInPagesAndFoundByName() {
    List<String> all = client.listModels().map(Model::getName).toList();
    List<String> inPages =
        client
            .listModels(
                ListModelsRequest.newBuilder().setPageSize(3).build(), RequestOptions.defaults())
            .map(Model::getName)
            .toList();

    assertTrue(all.contains("claude-sonnet-4-5"));
    assertEquals(all, inPages);
    assertEquals("claude-sonnet-4-5", client.getModel("claude-sonnet-4-5").getName());
  }

  @Test
  void unknownModelIsNotFound() {
    GatewayException failure =
        assertThrows(GatewayException.class, () -> client.getModel("no-such-model"));

    assertEquals(Status.Code.NOT_FOUND, failure.code());
    assertEquals("MODEL_NOT_FOUND", failure.reason());
  }

  @Test
  void healthIsTold() {
    assertTrue(client.isServing());
    assertTrue(client.isServing("liveness"));
    GatewayException failure =
        assertThrows(GatewayException.class, () -> client.isServing("no-such-service"));
    assertEquals(Status.Code.NOT_FOUND, failure.code());
    assertNotEquals("", failure.getMessage());
  }

  private static InvokeRequest.Builder request(String model) {
    return InvokeRequest.newBuilder().setModel(model).setPrompt("Hi");
  }

  private static InvokeRequest.Builder only(String model) {
    return request(model)
        .setRoutingConfig(
            RoutingConfig.newBuilder()
                .setFallbackMode(RoutingConfig.FallbackMode.FALLBACK_MODE_DISABLED)
                .setMaxAttempts(1));
  }

  /** Asks until the journal has the words; the test's time limit ends that. */
  private static void awaitJournal(String words) throws Exception {
    while (!GATEWAY.journal().replace("\": ", "\":").contains(words)) {
      Thread.sleep(20);
    }
  }
}
