/**
 * Client for bedrock-gateway, a gRPC service in front of Amazon Bedrock.
 *
 * <p>{@link io.github.bedrockgateway.GatewayClient} is where to begin. Requests and answers are the
 * messages of the package {@code bedrock.gateway.v1}, as {@code proto/bedrock/gateway/v1} of the
 * project describes them.
 */
package io.github.bedrockgateway;
