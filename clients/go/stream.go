package gateway

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// StreamPrompt makes the smallest request for a stream: one text, for whichever model comes first.
func StreamPrompt(text string) *gatewayv1.InvokeStreamRequest {
	return &gatewayv1.InvokeStreamRequest{Prompt: text}
}

// Streamed makes a request for [Client.Stream] of one for [Client.Invoke]: all fields of the latter have the same
// numbers and meanings in the former.
//
// # Errors
//
// Text of the request is not UTF-8.
func Streamed(request *gatewayv1.InvokeRequest) (*gatewayv1.InvokeStreamRequest, error) {
	bytes, err := proto.Marshal(request)
	if err != nil {
		return nil, err
	}
	streamed := &gatewayv1.InvokeStreamRequest{}
	return streamed, proto.Unmarshal(bytes, streamed)
}

// Stream runs one turn of a conversation and gives the events of the message while it is generated. The call begins
// with the iteration, and each iteration is a call of its own, which may be billed. Leaving the loop early ends the call
// here, at the gateway and at Bedrock.
//
//	for event, err := range client.Stream(ctx, gateway.StreamPrompt("Hi")) {
//		if err != nil {
//			return err
//		}
//		fmt.Print(gateway.TextOf(event))
//	}
//
// The loop ends without an error only if the whole message came. An error is the last thing that comes. [Collect] makes
// the answer of Invoke of it; [Collector] does so beside the loop.
//
// An event of a kind that this version does not know has no event set; skip it. With RECOVERY_RESTART, an attempt event
// with output_discarded says that all content before it has to be forgotten.
//
// # Errors
//
// An [*Error] of any code in place of an event; ABORTED with the reason STREAM_INTERRUPTED if the model failed after
// content was sent; [ErrIncomplete] if the gateway ended the stream too early.
func (c *Client) Stream(
	ctx context.Context, request *gatewayv1.InvokeStreamRequest, options ...grpc.CallOption,
) iter.Seq2[*gatewayv1.InvokeStreamResponse, error] {
	return func(yield func(*gatewayv1.InvokeStreamResponse, error) bool) {
		ctx, cancel, err := c.begin(ctx, c.timeouts.Stream)
		if err != nil {
			yield(nil, err)
			return
		}
		defer cancel()
		var header, trailer metadata.MD
		stream, err := c.inference.InvokeStream(ctx, request, slices.Concat(options, []grpc.CallOption{
			grpc.Header(&header), grpc.Trailer(&trailer),
		})...)
		if err != nil {
			yield(nil, newError(ctx, err, header, trailer))
			return
		}
		// grpc-go ends a call that was cancelled on its own time; the caller's options are set once it has.
		defer func() {
			cancel()
			for err == nil {
				_, err = stream.Recv()
			}
		}()
		var event *gatewayv1.InvokeStreamResponse
		var isWhole bool
		for {
			event, err = stream.Recv()
			if err != nil {
				break
			}
			if errors.Is(ctx.Err(), context.Canceled) {
				// grpc-go may still give what had come before the caller cancelled, even to the end.
				for err == nil {
					_, err = stream.Recv()
				}
				err = status.FromContextError(ctx.Err()).Err()
				break
			}
			isWhole = isWhole || event.GetMetadata() != nil
			if !yield(event, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(nil, newError(ctx, err, header, trailer))
			return
		}
		if !isWhole {
			yield(nil, incomplete(ctx, header, trailer))
		}
	}
}

// Collect takes all events of a stream and joins them into the answer that [Client.Invoke] would give.
//
// # Errors
//
// The error of the stream, or [ErrIncomplete]. What came before it is lost; see [Collector.Partial].
func Collect(events iter.Seq2[*gatewayv1.InvokeStreamResponse, error]) (*gatewayv1.InvokeResponse, error) {
	var collector Collector
	for event, err := range events {
		if err != nil {
			return nil, err
		}
		collector.Add(event)
	}
	return collector.Response()
}

// TextOf is the text that an event adds to the answer, or "". Joined, they are the text of the answer, unless output was
// discarded.
func TextOf(event *gatewayv1.InvokeStreamResponse) string {
	if whole := event.GetContentBlockStart().GetWhole(); whole != nil {
		return textOfBlock(whole)
	}
	return event.GetContentBlockDelta().GetText()
}
