package io.github.bedrockgateway.tools;

import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeStreamResponse;
import com.sun.management.OperatingSystemMXBean;
import io.github.bedrockgateway.EventStream;
import io.github.bedrockgateway.GatewayClient;
import io.github.bedrockgateway.LiveGateway;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * Reads long streams, one after another, and says how many events came in a second and how much CPU
 * time of this process each took.
 */
public final class Bench {
  private static final String MODEL = "claude-sonnet-4-5";
  private static final int WARM_UP = 3;
  private static final int STREAMS = 5;
  private static final int WORDS = 20_000;

  private Bench() {}

  public static void main(String[] arguments) {
    LiveGateway gateway = LiveGateway.get();
    gateway.scenario(MODEL, "{\"reply\": {\"text\": \"" + "word ".repeat(WORDS) + "\"}}");
    InvokeRequest.Builder request = InvokeRequest.newBuilder().setModel(MODEL).setPrompt("Hi");
    request.getInferenceConfigBuilder().setMaxTokens(64_000);
    var cpu = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (GatewayClient client = GatewayClient.connect(gateway.address())) {
      for (int i = 0; i < WARM_UP; i++) {
        events(client, request.build());
      }
      long events = 0;
      long startedAt = System.nanoTime();
      long cpuBefore = cpu.getProcessCpuTime();
      for (int i = 0; i < STREAMS; i++) {
        events += events(client, request.build());
      }
      double cpuMicros = (cpu.getProcessCpuTime() - cpuBefore) / 1e3;
      double seconds = (System.nanoTime() - startedAt) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%d events, %.0f events/s, %.1f us of CPU per event%n",
          events,
          events / seconds,
          cpuMicros / events);
    } finally {
      gateway.reset();
    }
    System.exit(0);
  }

  private static long events(GatewayClient client, InvokeRequest request) {
    long events = 0;
    try (EventStream stream = client.stream(request)) {
      for (InvokeStreamResponse event : stream) {
        if (event.hasContentBlockDelta()) {
          events++;
        }
      }
    }
    return events;
  }
}
