package io.github.bedrockgateway;

import java.net.URI;
import java.net.URISyntaxException;

/** Where a gateway listens, and whether it speaks TLS there. */
record Address(boolean tls, String host, int port) {
  private static final int HTTPS_PORT = 443;
  private static final String FORMS =
      "an address is http://HOST:PORT for plain text or https://HOST[:PORT] for TLS";

  static Address parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw refused("it is no URL");
    }
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    if (!tls && !"http".equalsIgnoreCase(uri.getScheme())) {
      throw refused("it does not begin with http:// or https://");
    }
    if (uri.getRawUserInfo() != null) {
      throw refused("it must not hold a user or a password; send them as metadata");
    }
    if (uri.getHost() == null) {
      throw refused("it names no host");
    }
    boolean bare =
        (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null;
    if (!bare) {
      throw refused("nothing may follow the port");
    }
    if (uri.getPort() == -1 && !tls) {
      throw refused("it names no port");
    }
    int port = uri.getPort() == -1 ? HTTPS_PORT : uri.getPort();
    if (port < 1 || port > 65535) {
      throw refused("its port is not from 1 to 65535");
    }
    return new Address(tls, uri.getHost(), port);
  }

  /** All addresses of the name, as gRPC looks them up. */
  String target() {
    return "dns:///" + host + ":" + port;
  }

  /** The text itself is not repeated, since there may be a password in it. */
  private static IllegalArgumentException refused(String problem) {
    return new IllegalArgumentException("address: " + problem + "; " + FORMS);
  }
}
