package gateway_test

import (
	"context"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// fake is a gateway that does what a test says.
type fake struct {
	gatewayv1.UnimplementedInferenceServiceServer
	gatewayv1.UnimplementedModelServiceServer

	invoke func(context.Context, int) (*gatewayv1.InvokeResponse, error)
	stream func(grpc.ServerStreamingServer[gatewayv1.InvokeStreamResponse], int) error
	list   func(*gatewayv1.ListModelsRequest) (*gatewayv1.ListModelsResponse, error)

	address string
	health  *health.Server

	lock  sync.Mutex
	calls []metadata.MD // of each call that arrived, with what it sent
}

func (f *fake) arrived(ctx context.Context) int {
	f.lock.Lock()
	defer f.lock.Unlock()
	sent, _ := metadata.FromIncomingContext(ctx)
	f.calls = append(f.calls, sent)
	return len(f.calls)
}

func (f *fake) seen() []metadata.MD {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.calls
}

func (f *fake) Invoke(ctx context.Context, _ *gatewayv1.InvokeRequest) (*gatewayv1.InvokeResponse, error) {
	return f.invoke(ctx, f.arrived(ctx))
}

func (f *fake) InvokeStream(
	_ *gatewayv1.InvokeStreamRequest, stream grpc.ServerStreamingServer[gatewayv1.InvokeStreamResponse],
) error {
	return f.stream(stream, f.arrived(stream.Context()))
}

func (f *fake) ListModels(
	ctx context.Context, request *gatewayv1.ListModelsRequest,
) (*gatewayv1.ListModelsResponse, error) {
	f.arrived(ctx)
	return f.list(request)
}

// start serves until the test ends.
func (f *fake) start(t *testing.T, options ...grpc.ServerOption) *fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(append(options, grpc.MaxRecvMsgSize(64<<20))...)
	gatewayv1.RegisterInferenceServiceServer(server, f)
	gatewayv1.RegisterModelServiceServer(server, f)
	f.health = health.NewServer()
	f.health.SetServingStatus(gateway.HealthOfModels, healthv1.HealthCheckResponse_SERVING)
	healthv1.RegisterHealthServer(server, f.health)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	f.address = listener.Addr().String()
	return f
}

// connect makes a client of it until the test ends.
func connect(t *testing.T, address string, options ...gateway.Option) *gateway.Client {
	t.Helper()
	client, err := gateway.Connect(address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// answering is a fake that always answers.
func answering() *fake {
	return &fake{invoke: func(context.Context, int) (*gatewayv1.InvokeResponse, error) {
		return &gatewayv1.InvokeResponse{Text: "ready"}, nil
	}}
}
