package gateway

import (
	"context"
	"maps"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// ErrIncomplete says that the events do not make a whole answer: the last ones are missing. It is an [*Error] with the
// code DATA_LOSS.
var ErrIncomplete error = &Error{
	Code:    codes.DataLoss,
	Message: "the answer is not whole: its last events are missing",
}

// incomplete is ErrIncomplete of a call.
func incomplete(ctx context.Context, header, trailer metadata.MD) error {
	failed := &Error{Code: codes.DataLoss, Message: "the gateway ended the stream too early", Trailer: trailer, cause: ErrIncomplete}
	failed.RequestID = requestID(ctx, header, trailer)
	return failed
}

// Collector joins the events of a stream into the answer that [Client.Invoke] would give. The zero value is ready. It is
// not safe for use by several goroutines at a time.
type Collector struct {
	role     gatewayv1.Role
	blocks   map[int32]*block
	stop     *gatewayv1.MessageStopEvent
	metadata *gatewayv1.InvocationMetadata
}

// Add takes the next event. Events it does not know, or that fit nowhere, change nothing.
func (c *Collector) Add(event *gatewayv1.InvokeStreamResponse) {
	switch event := event.GetEvent().(type) {
	case *gatewayv1.InvokeStreamResponse_Attempt:
		if event.Attempt.GetOutputDiscarded() {
			*c = Collector{}
		}
	case *gatewayv1.InvokeStreamResponse_MessageStart:
		c.role = event.MessageStart.GetRole()
	case *gatewayv1.InvokeStreamResponse_ContentBlockStart:
		if c.blocks == nil {
			c.blocks = map[int32]*block{}
		}
		c.blocks[event.ContentBlockStart.GetContentBlockIndex()] = &block{start: event.ContentBlockStart}
	case *gatewayv1.InvokeStreamResponse_ContentBlockDelta:
		if block := c.blocks[event.ContentBlockDelta.GetContentBlockIndex()]; block != nil {
			block.add(event.ContentBlockDelta)
		}
	case *gatewayv1.InvokeStreamResponse_MessageStop:
		c.stop = event.MessageStop
	case *gatewayv1.InvokeStreamResponse_Metadata:
		c.metadata = event.Metadata
	}
}

// Partial is the message as far as it came. It may break off anywhere, also within the input of a tool.
func (c *Collector) Partial() *gatewayv1.Message {
	message := &gatewayv1.Message{Role: c.role}
	for _, index := range slices.Sorted(maps.Keys(c.blocks)) {
		message.Content = append(message.Content, c.blocks[index].content())
	}
	return message
}

// Response is the answer, once all events have come. It shares parts with the events.
//
// # Errors
//
// [ErrIncomplete] if events are missing.
func (c *Collector) Response() (*gatewayv1.InvokeResponse, error) {
	if c.stop == nil || c.metadata == nil {
		return nil, ErrIncomplete
	}
	message := c.Partial()
	var text strings.Builder
	for _, block := range message.GetContent() {
		text.WriteString(textOfBlock(block))
	}
	return &gatewayv1.InvokeResponse{
		Text:                          text.String(),
		Message:                       message,
		StopReason:                    c.stop.GetStopReason(),
		RawStopReason:                 c.stop.GetRawStopReason(),
		AdditionalModelResponseFields: c.stop.GetAdditionalModelResponseFields(),
		Metadata:                      c.metadata,
	}, nil
}

func textOfBlock(block *gatewayv1.ContentBlock) string {
	cited := block.GetCitedContent().GetContent()
	if len(cited) == 0 {
		return block.GetText()
	}
	var text strings.Builder
	for _, piece := range cited {
		text.WriteString(piece.GetText())
	}
	return text.String()
}
