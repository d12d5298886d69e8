package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // without it, the health checks of the service config are silently not made
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

const (
	keepaliveTime    = 60 * time.Second
	keepaliveTimeout = 10 * time.Second
	maxMessageBytes  = 32 << 20
)

// Client is a connection to a gateway. It is safe for use by many goroutines; one is enough for a program that makes
// fewer than a hundred calls at a time. When printed, it shows its address and nothing else.
type Client struct {
	address    string
	connection *grpc.ClientConn
	inference  gatewayv1.InferenceServiceClient
	models     gatewayv1.ModelServiceClient
	health     healthv1.HealthClient
	timeouts   Timeouts
	metadata   metadata.MD
	metadataOf []func(context.Context) (metadata.MD, error)
}

// Connect makes a client for the gateway at an address: http://HOST:PORT speaks plain text, https://HOST or
// https://HOST:PORT speaks TLS, with the system's roots and the port 443 if none is given. Anything else is refused.
// If HOST is a name, all its addresses are used in turn, as long as the gateway there is healthy.
//
// Nothing is sent before the first call, so that a gateway that cannot be reached shows then. Messages of up to 32 MiB
// are sent and taken. Close ends it.
//
// # Errors
//
// What is wrong with the address and the options, all of it at once. It is no [*Error].
func Connect(address string, choices ...Option) (*Client, error) {
	chosen := options{metadata: metadata.MD{}}
	for _, choose := range choices {
		choose(&chosen)
	}
	problems := chosen.problems
	endpoint, err := parseAddress(address)
	transport := insecure.NewCredentials()
	switch {
	case err != nil:
		problems = append(problems, err)
	case endpoint.isTLS:
		config, err := chosen.tlsConfig()
		problems = append(problems, err)
		transport = credentials.NewTLS(config)
	case chosen.tlsChosen:
		problems = append(problems, errors.New("a CA file or a client certificate needs an address of the form https://HOST:PORT"))
	}
	config, err := readServiceConfig(serviceConfigFile)
	if err := errors.Join(append(problems, err)...); err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient(endpoint.target, slices.Concat([]grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultServiceConfig(config.rules),
		grpc.WithDisableServiceConfig(), // that of DNS
		grpc.WithUserAgent("bedrock-gateway-client-go/" + Version),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessageBytes),
			grpc.MaxCallSendMsgSize(maxMessageBytes),
		),
	}, chosen.dial)...)
	if err != nil {
		return nil, fmt.Errorf("connection to %s: %w", endpoint.shown, err)
	}
	return &Client{
		address:    endpoint.shown,
		connection: connection,
		inference:  gatewayv1.NewInferenceServiceClient(connection),
		models:     gatewayv1.NewModelServiceClient(connection),
		health:     healthv1.NewHealthClient(connection),
		timeouts:   chosen.timeouts.orElse(config),
		metadata:   chosen.metadata,
		metadataOf: chosen.metadataOf,
	}, nil
}

// Close ends the connection. Calls that are under way fail with CANCELLED.
func (c *Client) Close() error { return c.connection.Close() }

// String tells the address.
func (c *Client) String() string { return "gateway.Client(" + c.address + ")" }

// GoString tells the address.
func (c *Client) GoString() string { return c.String() }

// LogValue tells the address.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (t Timeouts) orElse(config serviceConfig) Timeouts {
	return Timeouts{
		Invoke:      cmp.Or(t.Invoke, config.timeout(gatewayv1.InferenceService_Invoke_FullMethodName)),
		Stream:      cmp.Or(t.Stream, config.timeout(gatewayv1.InferenceService_InvokeStream_FullMethodName)),
		CountTokens: cmp.Or(t.CountTokens, config.timeout(gatewayv1.InferenceService_CountTokens_FullMethodName)),
		Models:      cmp.Or(t.Models, config.timeout(gatewayv1.ModelService_ListModels_FullMethodName)),
		Health:      cmp.Or(t.Health, config.timeout(healthv1.Health_Check_FullMethodName)),
	}
}

// begin gives the context of a call its deadline and metadata.
func (c *Client) begin(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc, error) {
	var cancel context.CancelFunc
	if _, ok := ctx.Deadline(); ok {
		ctx, cancel = context.WithCancel(ctx)
	} else {
		ctx, cancel = context.WithTimeout(ctx, timeout)
	}
	sent, _ := metadata.FromOutgoingContext(ctx)
	sent = metadata.Join(sent, c.metadata)
	for _, metadataOf := range c.metadataOf {
		more, err := metadataOf(ctx)
		if err != nil {
			cancel()
			return nil, nil, &Error{
				Code:    codes.Unauthenticated,
				Message: "the function for metadata failed, and nothing was sent",
				cause:   err,
			}
		}
		sent = metadata.Join(sent, more)
	}
	return metadata.NewOutgoingContext(ctx, sent), cancel, nil
}
