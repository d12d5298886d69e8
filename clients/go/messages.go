package gateway

import "github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"

// User makes a message of the person or program that asks.
func User(blocks ...*gatewayv1.ContentBlock) *gatewayv1.Message {
	return &gatewayv1.Message{Role: gatewayv1.Role_ROLE_USER, Content: blocks}
}

// Text makes a block of text, which must not be blank.
func Text(text string) *gatewayv1.ContentBlock {
	return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_Text{Text: text}}
}

// Image makes a block of a picture: PNG, JPEG, GIF or WebP, of at most 3.75 MB unless the model says otherwise.
func Image(data []byte) *gatewayv1.ContentBlock {
	return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_Image{Image: &gatewayv1.ImageBlock{
		Source: &gatewayv1.ImageBlock_Data{Data: data},
	}}}
}

// Tool declares a function of this program that the model may call. The name has 1 to 64 characters of [a-zA-Z0-9_-];
// the model reads the description; the schema is a JSON Schema of an object, as JSON text.
func Tool(name, description, schemaJSON string) *gatewayv1.Tool {
	return &gatewayv1.Tool{Tool: &gatewayv1.Tool_ToolSpec{ToolSpec: &gatewayv1.ToolSpec{
		Name:            name,
		Description:     description,
		InputSchemaForm: &gatewayv1.ToolSpec_InputSchemaJson{InputSchemaJson: schemaJSON},
	}}}
}

// ToolResult makes the block that answers a call of a tool that succeeded. Text may be empty.
func ToolResult(call *gatewayv1.ToolUseBlock, text string) *gatewayv1.ContentBlock {
	return toolResult(call, text, gatewayv1.ToolResultStatus_TOOL_RESULT_STATUS_SUCCESS)
}

// ToolFailure makes the block that answers a call of a tool that failed. The text tells the model why, and must not be
// blank.
func ToolFailure(call *gatewayv1.ToolUseBlock, text string) *gatewayv1.ContentBlock {
	return toolResult(call, text, gatewayv1.ToolResultStatus_TOOL_RESULT_STATUS_ERROR)
}

func toolResult(call *gatewayv1.ToolUseBlock, text string, status gatewayv1.ToolResultStatus) *gatewayv1.ContentBlock {
	result := &gatewayv1.ToolResultBlock{ToolUseId: call.GetToolUseId(), Status: status}
	if text != "" {
		result.Content = []*gatewayv1.ToolResultContentBlock{{Block: &gatewayv1.ToolResultContentBlock_Text{Text: text}}}
	}
	return &gatewayv1.ContentBlock{Block: &gatewayv1.ContentBlock_ToolResult{ToolResult: result}}
}

// ToolCalls are the calls in a message that this program has to answer, in order.
func ToolCalls(message *gatewayv1.Message) []*gatewayv1.ToolUseBlock {
	var calls []*gatewayv1.ToolUseBlock
	for _, block := range message.GetContent() {
		call := block.GetToolUse()
		if call != nil && call.GetType() != gatewayv1.ToolUseType_TOOL_USE_TYPE_SERVER_TOOL_USE {
			calls = append(calls, call)
		}
	}
	return calls
}
