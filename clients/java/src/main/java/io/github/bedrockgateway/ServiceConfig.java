package io.github.bedrockgateway;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How gRPC balances, checks and retries, and how long calls may take: the file that the clients of
 * all languages share.
 *
 * <p>Time limits are taken out of what gRPC is given, because there they would cut short a longer
 * deadline that a caller asks for.
 */
final class ServiceConfig {
  static final String FILE = "service_config.json";

  private final Map<String, Object> forChannel;
  private final Map<String, Duration> timeouts;

  private ServiceConfig(Map<String, Object> forChannel, Map<String, Duration> timeouts) {
    this.forChannel = forChannel;
    this.timeouts = timeouts;
  }

  static ServiceConfig load() {
    try (InputStream file = ServiceConfig.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException("the client's package lacks " + FILE);
      }
      return read(new InputStreamReader(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ServiceConfig read(Reader json) {
    Map<String, Object> whole =
        new Gson().fromJson(json, new TypeToken<Map<String, Object>>() {}.getType());
    Map<String, Duration> timeouts = new HashMap<>();
    List<Object> methods = new ArrayList<>();
    for (Object entry : (List<?>) whole.get("methodConfig")) {
      Map<String, Object> method = members(entry);
      Object timeout = method.remove("timeout");
      if (timeout != null) {
        for (Object name : (List<?>) method.get("name")) {
          timeouts.put(path(members(name)), duration((String) timeout));
        }
      }
      methods.add(method);
    }
    Map<String, Object> forChannel = new LinkedHashMap<>(whole);
    forChannel.put("methodConfig", methods);
    return new ServiceConfig(forChannel, timeouts);
  }

  Map<String, Object> forChannel() {
    return forChannel;
  }

  /** What is said of the method, else of its service, else {@code otherwise}. */
  Duration timeout(Operation operation, Duration otherwise) {
    Duration ofService = timeouts.getOrDefault(operation.service() + "/", otherwise);
    return timeouts.getOrDefault(operation.service() + "/" + operation.method(), ofService);
  }

  private static String path(Map<String, Object> name) {
    Object method = name.get("method");
    return name.get("service") + "/" + (method == null ? "" : method);
  }

  private static Map<String, Object> members(Object value) {
    Map<String, Object> members = new LinkedHashMap<>();
    ((Map<?, ?>) value).forEach((key, member) -> members.put((String) key, member));
    return members;
  }

  private static Duration duration(String text) {
    BigDecimal seconds = new BigDecimal(text.substring(0, text.length() - "s".length()));
    return Duration.ofNanos(seconds.movePointRight(9).longValueExact());
  }
}
