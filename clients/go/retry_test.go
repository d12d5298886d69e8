package gateway_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// overloaded is the refusal of a gateway that is at capacity.
func overloaded(t *testing.T, ctx context.Context, code codes.Code, pushbackMs string) error {
	t.Helper()
	if pushbackMs != "" {
		if err := grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", pushbackMs)); err != nil {
			t.Error(err)
		}
	}
	told, err := status.New(code, "at capacity").WithDetails(
		&errdetails.ErrorInfo{Domain: "bedrock.gateway", Reason: "OVERLOADED"},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(10 * time.Millisecond)},
	)
	if err != nil {
		t.Error(err)
	}
	return told.Err()
}

func TestCallThatIsTurnedAwayIsMadeAgain(t *testing.T) {
	server := (&fake{invoke: func(ctx context.Context, number int) (*gatewayv1.InvokeResponse, error) {
		if number < 3 {
			return nil, overloaded(t, ctx, codes.Unavailable, "10")
		}
		return &gatewayv1.InvokeResponse{Text: "ready"}, nil
	}}).start(t)
	client := connect(t, "http://"+server.address)

	answer, err := client.Invoke(t.Context(), gateway.Prompt("Hi"))

	if err != nil || answer.GetText() != "ready" {
		t.Fatalf("got %v, %v", answer, err)
	}
	for number, sent := range server.seen() {
		previous := sent.Get("grpc-previous-rpc-attempts")
		if want := [][]string{nil, {"1"}, {"2"}}[number]; len(want) != len(previous) || len(want) > 0 && previous[0] != want[0] {
			t.Errorf("call %d tells %v previous ones", number, previous)
		}
	}
}

func TestInvokeIsMadeThreeTimesAtMost(t *testing.T) {
	server := (&fake{invoke: func(ctx context.Context, _ int) (*gatewayv1.InvokeResponse, error) {
		return nil, overloaded(t, ctx, codes.Unavailable, "1")
	}}).start(t)
	client := connect(t, "http://"+server.address)

	_, err := client.Invoke(t.Context(), gateway.Prompt("Hi"))

	var failed *gateway.Error
	if !errors.As(err, &failed) || failed.Reason != "OVERLOADED" || !failed.Retryable() || len(server.seen()) != 3 {
		t.Errorf("got %v after %d calls", err, len(server.seen()))
	}
}

func TestCallIsNotMadeAgainWhenThatIsUseless(t *testing.T) {
	for name, refusal := range map[string]struct {
		code       codes.Code
		pushbackMs string
	}{
		"the gateway says never":  {codes.Unavailable, "-1"},
		"the pushback is no time": {codes.Unavailable, "soon"},
		"it is throttled":         {codes.ResourceExhausted, "1"},
		"it is aborted":           {codes.Aborted, ""},
		"the request is wrong":    {codes.InvalidArgument, ""},
		"a deadline passed":       {codes.DeadlineExceeded, ""},
		"the gateway is broken":   {codes.Internal, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := (&fake{invoke: func(ctx context.Context, _ int) (*gatewayv1.InvokeResponse, error) {
				return nil, overloaded(t, ctx, refusal.code, refusal.pushbackMs)
			}}).start(t)
			client := connect(t, "http://"+server.address)

			_, err := client.Invoke(t.Context(), gateway.Prompt("Hi"))

			if status.Code(err) != refusal.code || len(server.seen()) != 1 {
				t.Errorf("got %v after %d calls", err, len(server.seen()))
			}
		})
	}
}

func TestStreamIsNotMadeAgainOnceContentCame(t *testing.T) {
	server := (&fake{stream: func(stream grpc.ServerStreamingServer[gatewayv1.InvokeStreamResponse], _ int) error {
		if err := stream.Send(&gatewayv1.InvokeStreamResponse{}); err != nil {
			return err
		}
		return overloaded(t, stream.Context(), codes.Unavailable, "")
	}}).start(t)
	client := connect(t, "http://"+server.address)
	events := 0

	var failure error
	for _, err := range client.Stream(t.Context(), gateway.StreamPrompt("Hi")) {
		if err != nil {
			failure = err
			continue
		}
		events++
	}

	if status.Code(failure) != codes.Unavailable || events != 1 || len(server.seen()) != 1 {
		t.Errorf("got %d events and %v after %d calls", events, failure, len(server.seen()))
	}
}

func TestStreamThatIsTurnedAwayIsMadeAgain(t *testing.T) {
	server := (&fake{stream: func(stream grpc.ServerStreamingServer[gatewayv1.InvokeStreamResponse], number int) error {
		if number == 1 {
			return overloaded(t, stream.Context(), codes.Unavailable, "1")
		}
		return errors.Join(
			stream.Send(&gatewayv1.InvokeStreamResponse{Event: &gatewayv1.InvokeStreamResponse_MessageStop{
				MessageStop: &gatewayv1.MessageStopEvent{},
			}}),
			stream.Send(&gatewayv1.InvokeStreamResponse{Event: &gatewayv1.InvokeStreamResponse_Metadata{
				Metadata: &gatewayv1.InvocationMetadata{RequestId: "second"},
			}}),
		)
	}}).start(t)
	client := connect(t, "http://"+server.address)

	answer, err := gateway.Collect(client.Stream(t.Context(), gateway.StreamPrompt("Hi")))

	if err != nil || answer.GetMetadata().GetRequestId() != "second" {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestStreamThatEndsTooEarlyFails(t *testing.T) {
	server := (&fake{stream: func(stream grpc.ServerStreamingServer[gatewayv1.InvokeStreamResponse], _ int) error {
		return stream.Send(&gatewayv1.InvokeStreamResponse{Event: &gatewayv1.InvokeStreamResponse_MessageStart{}})
	}}).start(t)
	client := connect(t, "http://"+server.address)

	var failure error
	for _, err := range client.Stream(t.Context(), gateway.StreamPrompt("Hi")) {
		failure = err
	}

	if !errors.Is(failure, gateway.ErrIncomplete) || status.Code(failure) != codes.DataLoss {
		t.Errorf("got %v", failure)
	}
}

func TestCallWhoseConnectionIsLostIsMadeAgain(t *testing.T) {
	cut := make(chan struct{})
	server := (&fake{invoke: func(ctx context.Context, number int) (*gatewayv1.InvokeResponse, error) {
		if number == 1 {
			close(cut)
			<-ctx.Done()
		}
		return &gatewayv1.InvokeResponse{Text: "ready"}, nil
	}}).start(t)
	client := connect(t, "http://"+proxyThatLosesItsFirstConnection(t, server.address, cut))

	answer, err := client.Invoke(t.Context(), gateway.Prompt("Hi"))

	if err != nil || answer.GetText() != "ready" || len(server.seen()) != 2 {
		t.Errorf("got %v, %v after %d calls", answer, err, len(server.seen()))
	}
}

// proxyThatLosesItsFirstConnection passes connections on, and closes the first one when it is told to.
func proxyThatLosesItsFirstConnection(t *testing.T, address string, cut <-chan struct{}) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for isFirst := true; ; isFirst = false {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil {
				near.Close()
				return
			}
			go copyUntilClosed(near, far)
			go copyUntilClosed(far, near)
			if isFirst {
				go func() {
					<-cut
					near.Close()
				}()
			}
		}
	}()
	return listener.Addr().String()
}

func TestGatewayThatCannotBeReachedIsTold(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	client := connect(t, "http://"+listener.Addr().String())

	_, err = client.Invoke(t.Context(), gateway.Prompt("Hi"))

	var failed *gateway.Error
	if !errors.As(err, &failed) || failed.Code != codes.Unavailable || failed.Reason != "" || !failed.Retryable() {
		t.Errorf("got %+v", err)
	}
}

func TestRetriesStopWhenMuchFails(t *testing.T) {
	server := (&fake{invoke: func(ctx context.Context, _ int) (*gatewayv1.InvokeResponse, error) {
		return nil, overloaded(t, ctx, codes.Unavailable, "1")
	}}).start(t)
	client := connect(t, "http://"+server.address)

	for range 10 {
		if _, err := client.Invoke(t.Context(), gateway.Prompt("Hi")); err == nil {
			t.Fatal("answered")
		}
	}

	// Five of ten tokens are gone after five calls; from then on, nothing is repeated.
	if calls := len(server.seen()); calls >= 20 {
		t.Errorf("%d calls for 10", calls)
	}
}
