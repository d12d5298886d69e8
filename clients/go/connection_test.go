package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

func copyUntilClosed(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	_, _ = io.Copy(to, from)
}

func TestMetadataAndNameOfTheClientAreSent(t *testing.T) {
	server := answering().start(t)
	calls := 0
	client := connect(t, "http://"+server.address,
		gateway.WithMetadata("authorization", "Bearer fixed"),
		gateway.WithMetadata("x-two", "a", "b"),
		gateway.WithMetadataFunc(func(context.Context) (metadata.MD, error) {
			calls++
			return metadata.Pairs("x-token", strings.Repeat("t", calls)), nil
		}),
	)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "mine")

	for range 2 {
		if _, err := client.Invoke(ctx, gateway.Prompt("Hi")); err != nil {
			t.Fatal(err)
		}
	}

	for number, sent := range server.seen() {
		for key, want := range map[string]string{
			"authorization": "Bearer fixed", "x-two": "a b", "x-request-id": "mine", "x-token": strings.Repeat("t", number+1),
		} {
			if got := strings.Join(sent.Get(key), " "); got != want {
				t.Errorf("%s: got %q", key, got)
			}
		}
		if got := sent.Get("user-agent"); len(got) != 1 || !strings.HasPrefix(got[0], "bedrock-gateway-client-go/"+gateway.Version) {
			t.Errorf("user agent %q", got)
		}
	}
}

func TestCallEndsWhenTheFunctionForMetadataFails(t *testing.T) {
	server := answering().start(t)
	cause := errors.New("the vault is locked with hunter2")
	client := connect(t, "http://"+server.address, gateway.WithMetadataFunc(func(context.Context) (metadata.MD, error) {
		return nil, cause
	}))

	_, unary := client.Invoke(t.Context(), gateway.Prompt("Hi"))
	_, stream := gateway.Collect(client.Stream(t.Context(), gateway.StreamPrompt("Hi")))

	for _, err := range []error{unary, stream} {
		if status.Code(err) != codes.Unauthenticated || !errors.Is(err, cause) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
	if len(server.seen()) != 0 {
		t.Error("something was sent")
	}
}

func TestEveryCallHasADeadline(t *testing.T) {
	var left time.Duration
	server := (&fake{invoke: func(ctx context.Context, _ int) (*gatewayv1.InvokeResponse, error) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return &gatewayv1.InvokeResponse{}, nil
	}}).start(t)
	standard := connect(t, "http://"+server.address)
	chosen := connect(t, "http://"+server.address, gateway.WithTimeouts(gateway.Timeouts{Invoke: 30 * time.Second}))
	longer, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()

	for _, test := range []struct {
		client *gateway.Client
		ctx    context.Context
		want   time.Duration
	}{
		{standard, t.Context(), 120 * time.Second},
		{chosen, t.Context(), 30 * time.Second},
		{chosen, longer, time.Hour},
	} {
		if _, err := test.client.Invoke(test.ctx, gateway.Prompt("Hi")); err != nil {
			t.Fatal(err)
		}
		if left > test.want || left < test.want-20*time.Second {
			t.Errorf("%v were left of %v", left, test.want)
		}
	}
}

func TestDeadlineAndCancellingEndCalls(t *testing.T) {
	arrived, ended := make(chan struct{}, 1), make(chan struct{}, 1)
	server := (&fake{invoke: func(ctx context.Context, _ int) (*gatewayv1.InvokeResponse, error) {
		arrived <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return nil, ctx.Err()
	}}).start(t)
	client := connect(t, "http://"+server.address, gateway.WithTimeouts(gateway.Timeouts{Invoke: 200 * time.Millisecond}))

	_, late := client.Invoke(t.Context(), gateway.Prompt("Hi"))
	<-arrived
	<-ended
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "mine")
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	go func() {
		<-arrived
		cancel()
	}()
	_, left := client.Invoke(ctx, gateway.Prompt("Hi"))
	<-ended

	if !errors.Is(late, context.DeadlineExceeded) || status.Code(late) != codes.DeadlineExceeded {
		t.Errorf("late: %v", late)
	}
	if !errors.Is(left, context.Canceled) || !strings.Contains(left.Error(), "[request mine]") {
		t.Errorf("left: %v", left)
	}
}

func TestStreamThatIsLeftIsCancelledAtTheGateway(t *testing.T) {
	cancelled := make(chan error, 1)
	server := (&fake{stream: func(stream grpc.ServerStreamingServer[gatewayv1.InvokeStreamResponse], _ int) error {
		if err := stream.Send(&gatewayv1.InvokeStreamResponse{}); err != nil {
			return err
		}
		<-stream.Context().Done()
		cancelled <- stream.Context().Err()
		return nil
	}}).start(t)
	client := connect(t, "http://"+server.address)

	var header metadata.MD
	for _, err := range client.Stream(t.Context(), gateway.StreamPrompt("Hi"), grpc.Header(&header)) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}

	if len(header.Get("content-type")) != 1 {
		t.Errorf("header %v", header)
	}
	if err := <-cancelled; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestStreamThatIsCancelledGivesNothingMore(t *testing.T) {
	server := (&fake{stream: func(stream grpc.ServerStreamingServer[gatewayv1.InvokeStreamResponse], _ int) error {
		if err := stream.SendHeader(metadata.Pairs("x-request-id", "theirs")); err != nil {
			return err
		}
		for range 100 {
			if err := stream.Send(&gatewayv1.InvokeStreamResponse{}); err != nil {
				return err
			}
		}
		return nil
	}}).start(t)
	client := connect(t, "http://"+server.address)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := 0

	var failure error
	for _, err := range client.Stream(ctx, gateway.StreamPrompt("Hi")) {
		failure = err
		events++
		cancel()
	}

	if events != 2 || !errors.Is(failure, context.Canceled) || !strings.Contains(failure.Error(), "[request theirs]") {
		t.Errorf("%d events, then %v", events, failure)
	}
}

func TestModelsAreAskedForPageByPageAsTheyAreNeeded(t *testing.T) {
	server := (&fake{list: func(request *gatewayv1.ListModelsRequest) (*gatewayv1.ListModelsResponse, error) {
		next := map[string]string{"": "2", "2": "3", "3": ""}[request.GetPageToken()]
		name := "model-" + request.GetPageToken()
		if request.GetPageToken() == "2" {
			return &gatewayv1.ListModelsResponse{NextPageToken: next}, nil
		}
		return &gatewayv1.ListModelsResponse{Models: []*gatewayv1.Model{{Name: name}}, NextPageToken: next}, nil
	}}).start(t)
	client := connect(t, "http://"+server.address)
	var names []string

	for range client.Models(t.Context()) {
		break
	}
	asked := len(server.seen())
	for model, err := range client.Models(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, model.GetName())
	}

	if asked != 1 || strings.Join(names, " ") != "model- model-3" {
		t.Errorf("asked %d times at first, then %q", asked, names)
	}
}

func TestLargeMessagesPassBothWays(t *testing.T) {
	large := strings.Repeat("x", 20<<20)
	server := (&fake{invoke: func(context.Context, int) (*gatewayv1.InvokeResponse, error) {
		return &gatewayv1.InvokeResponse{Text: large}, nil
	}}).start(t)
	client := connect(t, "http://"+server.address)

	answer, err := client.Invoke(t.Context(), gateway.Prompt(large))

	if err != nil || len(answer.GetText()) != len(large) {
		t.Errorf("got %d bytes, %v", len(answer.GetText()), err)
	}
}

func TestAllAddressesOfANameAreUsedWhileTheyAreHealthy(t *testing.T) {
	first, second := answering().start(t), answering().start(t)
	name := manual.NewBuilderWithScheme("dns")
	name.InitialState(resolver.State{Addresses: []resolver.Address{{Addr: first.address}, {Addr: second.address}}})
	client := connect(t, "http://gateway.test:50051", gateway.WithDialOptions(grpc.WithResolvers(name)))
	ask := func() {
		t.Helper()
		if _, err := client.Invoke(t.Context(), gateway.Prompt("Hi")); err != nil {
			t.Fatal(err)
		}
	}

	// The second may be connected a moment later than the first.
	for len(first.seen()) < 5 || len(second.seen()) < 5 {
		ask()
	}
	second.health.SetServingStatus(gateway.HealthOfModels, healthv1.HealthCheckResponse_NOT_SERVING)
	for inARow, before := 0, len(second.seen()); inARow < 20; inARow++ {
		ask()
		if now := len(second.seen()); now != before {
			inARow, before = 0, now
		}
	}
}
