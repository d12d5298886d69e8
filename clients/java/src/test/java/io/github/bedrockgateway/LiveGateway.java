package io.github.bedrockgateway;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A gateway with its emulator: those of GATEWAY_ADDRESS and EMULATOR_URL, else one that is started
 * from GATEWAY_BIN, once for all tests.
 */
public final class LiveGateway {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static LiveGateway running;

  private final String address;
  private final String emulator;
  private final HttpClient http = HttpClient.newHttpClient();

  private LiveGateway(String address, String emulator) {
    this.address = address;
    this.emulator = emulator;
  }

  public static synchronized LiveGateway get() {
    if (running == null) {
      String address = System.getenv("GATEWAY_ADDRESS");
      String emulator = System.getenv("EMULATOR_URL");
      running =
          address == null || emulator == null ? started() : new LiveGateway(address, emulator);
    }
    return running;
  }

  /** As {@code GATEWAY_ADDRESS}. */
  public String address() {
    return address;
  }

  /** As {@code EMULATOR_URL}. */
  public String emulator() {
    return emulator;
  }

  /** Tells the emulator what a model is to do. */
  public void scenario(String model, String json) {
    send("PUT", "/_emulator/scenarios/" + model, json);
  }

  /** Back to normal, for all models. */
  public void reset() {
    send("DELETE", "/_emulator/scenarios", "");
    send("DELETE", "/_emulator/journal", "");
  }

  public String journal() {
    return send("GET", "/_emulator/journal", "");
  }

  private String send(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(emulator + path))
            .method(method, BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new AssertionError(method + " " + path + ": " + response.body());
      }
      return response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static LiveGateway started() {
    String program = System.getenv("GATEWAY_BIN");
    if (program == null) {
      throw new AssertionError(
          "set GATEWAY_BIN to the bedrock-gateway program, or GATEWAY_ADDRESS and EMULATOR_URL");
    }
    try {
      Path log = Files.createTempFile("bedrock-gateway", ".log");
      log.toFile().deleteOnExit();
      Process process = process(program, log.toFile());
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process)));
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String address = after("gateway listening on ", lines, log);
      String emulator = after("emulator listening on ", lines, log);
      Thread rest = new Thread(() -> lines.lines().forEach(line -> {}));
      rest.setDaemon(true);
      rest.start();
      return new LiveGateway("http://" + address, emulator);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Process process(String program, File log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(program, "serve", "--emulator", "--listen", "127.0.0.1:0")
            .redirectError(log);
    var environment = builder.environment();
    environment.keySet().removeIf(key -> key.startsWith("AWS_") || key.startsWith("BEDROCK_"));
    environment.put("AWS_EC2_METADATA_DISABLED", "true");
    environment.put("AWS_CONFIG_FILE", "/dev/null");
    environment.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    environment.put("BEDROCK_GATEWAY_REGISTRY_TRY_RETIRED_MODELS", "true");
    return builder.start();
  }

  private static String after(String words, BufferedReader lines, Path log) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int at = line.indexOf(words);
      if (at >= 0) {
        return line.substring(at + words.length()).split("\\s", 2)[0];
      }
    }
    throw new AssertionError("ended without saying '" + words + "':\n" + Files.readString(log));
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      // The gateway waits for load balancers; asked again, it does not.
      if (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
        process.destroy();
      }
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }
}
