package gateway

import (
	"strings"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// block is a content block that grows. Which of its parts count is up to how it began.
type block struct {
	start     *gatewayv1.ContentBlockStartEvent
	text      strings.Builder // text, input of a tool, or reasoning
	signature string
	citations []*gatewayv1.Citation
	results   []*result
	reasons   bool   // whether readable reasoning came, even if empty
	bytes     []byte // of an image or encrypted reasoning
	hasBytes  bool
	location  *gatewayv1.S3Location
	failure   *gatewayv1.ContentBlockError
}

// result is a piece of what a tool returned: JSON as it came, or texts in a row, which are one.
type result struct {
	json string
	text *strings.Builder
}

// add appends a delta. One that does not suit the block changes nothing.
func (b *block) add(event *gatewayv1.ContentBlockDeltaEvent) {
	switch delta := event.GetDelta().(type) {
	case *gatewayv1.ContentBlockDeltaEvent_Text:
		if _, ok := b.start.GetStart().(*gatewayv1.ContentBlockStartEvent_Text); ok {
			b.text.WriteString(delta.Text)
		}
	case *gatewayv1.ContentBlockDeltaEvent_Citation:
		b.citations = append(b.citations, delta.Citation)
	case *gatewayv1.ContentBlockDeltaEvent_ToolUse:
		if b.start.GetToolUse() != nil {
			b.text.WriteString(delta.ToolUse.GetInputJson())
		}
	case *gatewayv1.ContentBlockDeltaEvent_ToolResult:
		b.addResults(delta.ToolResult.GetItems())
	case *gatewayv1.ContentBlockDeltaEvent_Reasoning:
		if b.start.GetReasoning() != nil {
			b.addReasoning(delta.Reasoning)
		}
	case *gatewayv1.ContentBlockDeltaEvent_Image:
		if b.start.GetImage() != nil {
			b.addImage(delta.Image)
		}
	}
}

func (b *block) addResults(items []*gatewayv1.ToolResultDeltaItem) {
	for _, item := range items {
		switch item := item.GetItem().(type) {
		case *gatewayv1.ToolResultDeltaItem_Json:
			b.results = append(b.results, &result{json: item.Json})
		case *gatewayv1.ToolResultDeltaItem_Text:
			if len(b.results) == 0 || b.results[len(b.results)-1].text == nil {
				b.results = append(b.results, &result{text: &strings.Builder{}})
			}
			b.results[len(b.results)-1].text.WriteString(item.Text)
		}
	}
}

// addReasoning keeps reasoning that is encrypted, once it is, and forgets what was readable.
func (b *block) addReasoning(more *gatewayv1.ReasoningBlockDelta) {
	switch delta := more.GetDelta().(type) {
	case *gatewayv1.ReasoningBlockDelta_Text:
		b.reasons = true
		b.text.WriteString(delta.Text)
	case *gatewayv1.ReasoningBlockDelta_Signature:
		b.reasons = true
		b.signature = delta.Signature
	case *gatewayv1.ReasoningBlockDelta_RedactedContent:
		b.hasBytes = true
		b.bytes = append(b.bytes, delta.RedactedContent...)
	}
}

func (b *block) addImage(more *gatewayv1.ImageBlockDelta) {
	switch source := more.GetSource().(type) {
	case *gatewayv1.ImageBlockDelta_Data:
		b.location, b.hasBytes = nil, true
		b.bytes = append(b.bytes, source.Data...)
	case *gatewayv1.ImageBlockDelta_S3Location:
		b.location, b.hasBytes, b.bytes = source.S3Location, false, nil
	}
	if more.GetError() != nil {
		b.failure = more.GetError()
	}
}

// content is the block as far as it came. A block of a kind that this version does not know is empty.
func (b *block) content() *gatewayv1.ContentBlock {
	switch start := b.start.GetStart().(type) {
	case *gatewayv1.ContentBlockStartEvent_Text:
		return b.textContent()
	case *gatewayv1.ContentBlockStartEvent_ToolUse:
		return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_ToolUse{ToolUse: &gatewayv1.ToolUseBlock{
			ToolUseId: start.ToolUse.GetToolUseId(),
			Name:      start.ToolUse.GetName(),
			Type:      start.ToolUse.GetType(),
			InputJson: b.text.String(),
		}}}
	case *gatewayv1.ContentBlockStartEvent_ToolResult:
		return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_ToolResult{ToolResult: &gatewayv1.ToolResultBlock{
			ToolUseId: start.ToolResult.GetToolUseId(),
			Type:      start.ToolResult.GetType(),
			Status:    start.ToolResult.GetStatus(),
			Content:   b.resultContent(),
		}}}
	case *gatewayv1.ContentBlockStartEvent_Reasoning:
		return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_Reasoning{
			Reasoning: b.reasoningContent(start.Reasoning.GetModel()),
		}}
	case *gatewayv1.ContentBlockStartEvent_Image:
		return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_Image{
			Image: b.imageContent(start.Image.GetMimeType()),
		}}
	case *gatewayv1.ContentBlockStartEvent_Whole:
		return start.Whole
	}
	return &gatewayv1.ContentBlock{}
}

// textContent is cited content as soon as there is a citation.
func (b *block) textContent() *gatewayv1.ContentBlock {
	if len(b.citations) == 0 {
		return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_Text{Text: b.text.String()}}
	}
	return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_CitedContent{
		CitedContent: &gatewayv1.CitedContentBlock{
			Content:   []*gatewayv1.CitedText{{Content: &gatewayv1.CitedText_Text{Text: b.text.String()}}},
			Citations: b.citations,
		},
	}}
}

func (b *block) resultContent() []*gatewayv1.ToolResultContentBlock {
	var content []*gatewayv1.ToolResultContentBlock
	for _, piece := range b.results {
		if piece.text == nil {
			json := &gatewayv1.ToolResultContentBlock_Json{Json: piece.json}
			content = append(content, &gatewayv1.ToolResultContentBlock{Block: json})
			continue
		}
		text := &gatewayv1.ToolResultContentBlock_Text{Text: piece.text.String()}
		content = append(content, &gatewayv1.ToolResultContentBlock{Block: text})
	}
	return content
}

func (b *block) reasoningContent(model string) *gatewayv1.ReasoningBlock {
	reasoning := &gatewayv1.ReasoningBlock{Model: model}
	switch {
	case b.hasBytes:
		reasoning.Content = &gatewayv1.ReasoningBlock_RedactedContent{RedactedContent: b.bytes}
	case b.reasons:
		reasoning.Content = &gatewayv1.ReasoningBlock_ReasoningText{ReasoningText: &gatewayv1.ReasoningText{
			Text:      b.text.String(),
			Signature: b.signature,
		}}
	}
	return reasoning
}

func (b *block) imageContent(mimeType string) *gatewayv1.ImageBlock {
	image := &gatewayv1.ImageBlock{MimeType: mimeType, Error: b.failure}
	switch {
	case b.location != nil:
		image.Source = &gatewayv1.ImageBlock_S3Location{S3Location: b.location}
	case b.hasBytes:
		image.Source = &gatewayv1.ImageBlock_Data{Data: b.bytes}
	}
	return image
}
