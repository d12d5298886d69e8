package gateway

import (
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

func TestMessagesAreMadeOfBlocks(t *testing.T) {
	call := &gatewayv1.ToolUseBlock{ToolUseId: "i", Name: "n"}
	want := &gatewayv1.Message{}
	if err := prototext.Unmarshal([]byte(`role: ROLE_USER content { text: "a" } content { image { data: "x" } }
		content { tool_result { tool_use_id: "i" status: TOOL_RESULT_STATUS_SUCCESS content { text: "r" } } }
		content { tool_result { tool_use_id: "i" status: TOOL_RESULT_STATUS_SUCCESS } }
		content { tool_result { tool_use_id: "i" status: TOOL_RESULT_STATUS_ERROR content { text: "f" } } }`), want); err != nil {
		t.Fatal(err)
	}

	got := User(Text("a"), Image([]byte("x")), ToolResult(call, "r"), ToolResult(call, ""), ToolFailure(call, "f"))

	if !proto.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestCallsOfToolsAreFoundInMessages(t *testing.T) {
	message := &gatewayv1.Message{}
	if err := prototext.Unmarshal([]byte(`content { text: "a" } content { tool_use { name: "ours" } }
		content { tool_use { name: "theirs" type: TOOL_USE_TYPE_SERVER_TOOL_USE } } content { tool_use { name: "again" } }`),
		message); err != nil {
		t.Fatal(err)
	}

	calls := ToolCalls(message)

	if len(calls) != 2 || calls[0].GetName() != "ours" || calls[1].GetName() != "again" {
		t.Errorf("got %v", calls)
	}
}

func TestRequestsAreMadeForBothCalls(t *testing.T) {
	request := Prompt("Hi")
	request.ToolConfig = &gatewayv1.ToolConfig{Tools: []*gatewayv1.Tool{Tool("n", "d", "{}")}}

	got, err := Streamed(request)

	if err != nil || got.GetPrompt() != "Hi" || len(got.ProtoReflect().GetUnknown()) != 0 ||
		got.GetToolConfig().GetTools()[0].GetToolSpec().GetInputSchemaJson() != "{}" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := Streamed(Prompt("\xff")); err == nil {
		t.Error("text that is no UTF-8 was taken")
	}
}
