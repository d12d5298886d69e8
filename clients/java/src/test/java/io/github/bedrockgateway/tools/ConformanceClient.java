package io.github.bedrockgateway.tools;

import bedrock.gateway.v1.CountTokensRequest;
import bedrock.gateway.v1.GetModelRequest;
import bedrock.gateway.v1.GetModelResponse;
import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeStreamRequest;
import bedrock.gateway.v1.InvokeStreamResponse;
import bedrock.gateway.v1.ListModelsRequest;
import bedrock.gateway.v1.ListModelsResponse;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.rpc.BadRequest;
import io.github.bedrockgateway.AnswerCollector;
import io.github.bedrockgateway.EventStream;
import io.github.bedrockgateway.GatewayClient;
import io.github.bedrockgateway.GatewayException;
import io.github.bedrockgateway.RequestOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes the calls that lines of JSON on standard input ask for, through the client as it is, and
 * says in a line of JSON for each how it ended.
 */
public final class ConformanceClient {
  private static final int MOST_CALLS_AT_ONCE = 16;
  private static final Gson GSON = new Gson();

  private final GatewayClient client;
  private final PrintStream out;

  private ConformanceClient(GatewayClient client, PrintStream out) {
    this.client = client;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    String address = System.getenv("GATEWAY_ADDRESS");
    if (address == null) {
      System.err.println("set GATEWAY_ADDRESS to http://HOST:PORT");
      System.exit(2);
    }
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try (GatewayClient client = GatewayClient.connect(address)) {
      connected(client);
      new ConformanceClient(client, out).answerAll();
    }
  }

  /**
   * Connects before there are calls, some of which have less time than a first connection needs.
   */
  private static void connected(GatewayClient client) {
    try {
      client.isServing();
    } catch (GatewayException e) {
      // The calls will say so.
    }
  }

  private void answerAll() throws IOException, InterruptedException {
    ExecutorService workers = Executors.newFixedThreadPool(MOST_CALLS_AT_ONCE);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isBlank()) {
        String task = line;
        workers.execute(() -> print(answer(task)));
      }
    }
    workers.shutdown();
    workers.awaitTermination(1, TimeUnit.HOURS);
  }

  private void print(JsonObject answer) {
    String line = GSON.toJson(answer);
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }

  private JsonObject answer(String line) {
    JsonObject answer = new JsonObject();
    answer.add("id", null);
    AtomicReference<Metadata> headers = new AtomicReference<>();
    try {
      JsonObject task = JsonParser.parseString(line).getAsJsonObject();
      answer.add("id", task.get("id"));
      call(task, answer, RequestOptions.defaults().onHeaders(headers::set));
    } catch (GatewayException e) {
      answer.add("error", error(e));
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | UnsupportedOperationException
        | NullPointerException
        | InvalidProtocolBufferException e) {
      JsonObject error = new JsonObject();
      error.addProperty("code", Status.Code.UNKNOWN.value());
      error.addProperty("message", "cannot do what the line asks for: " + e);
      answer.add("error", error);
    }
    if (headers.get() != null) {
      answer.add("headers", ascii(headers.get()));
    }
    return answer;
  }

  private void call(JsonObject task, JsonObject answer, RequestOptions defaults)
      throws InvalidProtocolBufferException {
    byte[] request = Base64.getDecoder().decode(task.get("request").getAsString());
    JsonElement timeout = task.get("timeoutMs");
    RequestOptions options =
        timeout == null ? defaults : defaults.withDeadline(Duration.ofMillis(timeout.getAsLong()));
    String method = task.get("method").getAsString();
    switch (method) {
      case "Invoke" -> respond(answer, client.invoke(InvokeRequest.parseFrom(request), options));
      case "InvokeStream" -> stream(answer, InvokeStreamRequest.parseFrom(request), options);
      case "CountTokens" ->
          respond(answer, client.countTokens(CountTokensRequest.parseFrom(request), options));
      case "ListModels" -> respond(answer, models(ListModelsRequest.parseFrom(request), options));
      case "GetModel" ->
          respond(
              answer,
              GetModelResponse.newBuilder()
                  .setModel(client.getModel(GetModelRequest.parseFrom(request).getName(), options))
                  .build());
      default -> throw new IllegalArgumentException("there is no method " + method);
    }
  }

  private ListModelsResponse models(ListModelsRequest request, RequestOptions options) {
    if (request.getPageToken().isEmpty() && request.getPageSize() == 0) {
      return ListModelsResponse.newBuilder()
          .addAllModels(client.listModels(request, options).toList())
          .build();
    }
    return client.listModelsPage(request, options);
  }

  private void stream(JsonObject answer, InvokeStreamRequest request, RequestOptions options) {
    JsonArray events = new JsonArray();
    answer.add("events", events);
    AnswerCollector collector = new AnswerCollector();
    long start = System.nanoTime();
    try (EventStream stream = client.stream(request, options)) {
      for (InvokeStreamResponse event : stream) {
        if (event.hasContentBlockStart() && !answer.has("firstContentMs")) {
          answer.addProperty("firstContentMs", (System.nanoTime() - start) / 1e6);
        }
        events.add(base64(event));
        collector.add(event);
      }
    }
    answer.addProperty("collected", base64(collector.response()));
  }

  private static void respond(JsonObject answer, MessageLite response) {
    answer.addProperty("response", base64(response));
  }

  private static JsonObject error(GatewayException failure) {
    JsonObject error = new JsonObject();
    error.addProperty("code", failure.code().value());
    error.addProperty("message", failure.description());
    error.addProperty("details", base64(failure.status()));
    error.add("trailers", ascii(failure.trailers()));
    error.addProperty("reason", failure.reason());
    error.addProperty("requestId", failure.requestId());
    failure
        .retryDelay()
        .ifPresent(delay -> error.addProperty("retryDelayMs", delay.toNanos() / 1e6));
    JsonArray violations = new JsonArray();
    for (BadRequest.FieldViolation violation : failure.fieldViolations()) {
      JsonObject one = new JsonObject();
      one.addProperty("field", violation.getField());
      one.addProperty("reason", violation.getReason());
      one.addProperty("description", violation.getDescription());
      violations.add(one);
    }
    error.add("violations", violations);
    error.addProperty("help", failure.help());
    error.addProperty("attempts", failure.attempts().size());
    error.addProperty("outputStarted", failure.isOutputStarted());
    error.addProperty("retryable", failure.isRetryable());
    return error;
  }

  private static JsonObject ascii(Metadata metadata) {
    JsonObject all = new JsonObject();
    for (String name : metadata.keys()) {
      if (!name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        JsonArray values = new JsonArray();
        metadata
            .getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER))
            .forEach(values::add);
        all.add(name, values);
      }
    }
    return all;
  }

  private static String base64(MessageLite message) {
    return Base64.getEncoder().encodeToString(message.toByteArray());
  }
}
