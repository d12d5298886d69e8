package io.github.bedrockgateway;

import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How a client reaches its gateway. Immutable.
 *
 * <p>Metadata may hold secrets and is never shown by {@link #toString()}.
 */
public final class ClientOptions {
  private final Path certificateAuthority;
  private final Path clientCertificate;
  private final Path clientKey;
  private final Map<Operation, Duration> deadlines;
  private final Map<String, String> metadata;
  private final Supplier<Map<String, String>> metadataSource;
  private final Consumer<ManagedChannelBuilder<?>> channelSetup;

  private ClientOptions(Builder builder) {
    certificateAuthority = builder.certificateAuthority;
    clientCertificate = builder.clientCertificate;
    clientKey = builder.clientKey;
    deadlines = Map.copyOf(builder.deadlines);
    metadata = Map.copyOf(builder.metadata);
    metadataSource = builder.metadataSource;
    channelSetup = builder.channelSetup;
  }

  /** {@return options that leave everything at its default} */
  public static ClientOptions defaults() {
    return builder().build();
  }

  /** {@return a builder in which everything is at its default} */
  public static Builder builder() {
    return new Builder();
  }

  Optional<Path> certificateAuthority() {
    return Optional.ofNullable(certificateAuthority);
  }

  Optional<Path> clientCertificate() {
    return Optional.ofNullable(clientCertificate);
  }

  Optional<Path> clientKey() {
    return Optional.ofNullable(clientKey);
  }

  Map<Operation, Duration> deadlines() {
    return deadlines;
  }

  /** The metadata of one call: asks the source, if there is one. */
  Map<String, String> metadata() {
    if (metadataSource == null) {
      return metadata;
    }
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.putAll(metadataSource.get());
    return all;
  }

  Consumer<ManagedChannelBuilder<?>> channelSetup() {
    return channelSetup;
  }

  /** {@return the options for people, without any metadata} */
  @Override
  public String toString() {
    return "ClientOptions{certificateAuthority="
        + certificateAuthority
        + ", clientCertificate="
        + clientCertificate
        + ", deadlines="
        + deadlines
        + "}";
  }

  /** Collects options. */
  public static final class Builder {
    private Path certificateAuthority;
    private Path clientCertificate;
    private Path clientKey;
    private final Map<Operation, Duration> deadlines = new EnumMap<>(Operation.class);
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private Supplier<Map<String, String>> metadataSource;
    private Consumer<ManagedChannelBuilder<?>> channelSetup = channel -> {};

    private Builder() {}

    /**
     * Trusts the authorities of a file instead of those of the Java runtime.
     *
     * @param file certificates in PEM
     * @return this builder
     */
    public Builder certificateAuthority(Path file) {
      certificateAuthority = Objects.requireNonNull(file, "file");
      return this;
    }

    /**
     * Shows the gateway a certificate.
     *
     * @param chain the certificate in PEM, behind it those of the authorities between
     * @param key its private key in PEM (PKCS #8, not encrypted)
     * @return this builder
     */
    public Builder clientCertificate(Path chain, Path key) {
      clientCertificate = Objects.requireNonNull(chain, "chain");
      clientKey = Objects.requireNonNull(key, "key");
      return this;
    }

    /**
     * Sets how long a call may take unless it says otherwise itself. The defaults are 120 s for
     * {@link Operation#INVOKE}, 600 s for {@link Operation#INVOKE_STREAM} and 10 s for all else.
     *
     * @param operation the calls it is for
     * @param limit more than zero; the gateway has a limit of its own, 60 minutes unless changed
     * @return this builder
     * @throws IllegalArgumentException if the limit is not more than zero
     */
    public Builder deadline(Operation operation, Duration limit) {
      deadlines.put(
          Objects.requireNonNull(operation, "operation"),
          RequestOptions.positive("the deadline of " + operation, limit));
      return this;
    }

    /**
     * Sends metadata with each call, for example {@code authorization}.
     *
     * @param name lower case, not ending in {@code -bin}
     * @param value printable ASCII
     * @return this builder
     * @throws IllegalArgumentException if the name or the value cannot be sent; the message does
     *     not repeat the value
     */
    public Builder metadata(String name, String value) {
      metadata.put(CallMetadata.checkedName(name), CallMetadata.checkedValue(name, value));
      return this;
    }

    /**
     * Asks for metadata anew before each call, for example for tokens that expire. Replaces fixed
     * metadata of the same name. Called in the thread that makes the call; what it throws reaches
     * the caller, and the call is not made.
     *
     * @param source gives names and values, which must be as {@link #metadata(String, String)} says
     * @return this builder
     */
    public Builder metadata(Supplier<Map<String, String>> source) {
      metadataSource = Objects.requireNonNull(source, "source");
      return this;
    }

    /**
     * Adjusts the channel before it is built, for example to add interceptors or tracing. What this
     * client sets by itself is set before.
     *
     * @param setup is given the channel's builder
     * @return this builder
     */
    public Builder configureChannel(Consumer<ManagedChannelBuilder<?>> setup) {
      channelSetup = Objects.requireNonNull(setup, "setup");
      return this;
    }

    /** {@return the options} */
    public ClientOptions build() {
      return new ClientOptions(this);
    }
  }
}
