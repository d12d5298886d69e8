package io.github.bedrockgateway;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Builds the channel to a gateway. */
final class ChannelFactory {
  /** Largest message, both ways, in bytes. */
  static final int MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

  private static final long KEEPALIVE_TIME_SECONDS = 60;
  private static final long KEEPALIVE_TIMEOUT_SECONDS = 10;

  /** Requests kept for a retry, all together: a few of the largest. */
  private static final long RETRY_BUFFER_BYTES = 4L * MAX_MESSAGE_BYTES;

  private ChannelFactory() {}

  static ManagedChannel channel(Address address, ClientOptions options, ServiceConfig config) {
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(address.target(), credentials(address, options))
            .defaultServiceConfig(config.forChannel())
            .disableServiceConfigLookUp()
            .enableRetry()
            .perRpcBufferLimit(MAX_MESSAGE_BYTES)
            .retryBufferSize(RETRY_BUFFER_BYTES)
            .keepAliveTime(KEEPALIVE_TIME_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(false)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .userAgent(GatewayClient.USER_AGENT);
    options.channelSetup().accept(builder);
    return builder.build();
  }

  private static ChannelCredentials credentials(Address address, ClientOptions options) {
    boolean forTls =
        options.certificateAuthority().isPresent() || options.clientCertificate().isPresent();
    if (!address.tls()) {
      if (forTls) {
        throw new IllegalArgumentException(
            "certificates are for https:// addresses; this one is for plain text");
      }
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    options
        .certificateAuthority()
        .ifPresent(
            file -> with("certificate authority", file, authority -> tls.trustManager(authority)));
    options
        .clientCertificate()
        .ifPresent(
            chain ->
                with(
                    "client certificate",
                    chain,
                    first ->
                        with(
                            "key of the client certificate",
                            options.clientKey().orElseThrow(),
                            second -> tls.keyManager(first, second))));
    return tls.build();
  }

  private static void with(String what, Path file, Reader use) {
    try (InputStream content = Files.newInputStream(file)) {
      use.read(content);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read the " + what + " " + file, e);
    }
  }

  /** Reads a file. */
  private interface Reader {
    void read(InputStream content) throws IOException;
  }
}
