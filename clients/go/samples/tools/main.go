// Program tools lets the model call a function of this program, and gives it the result, until the model has its answer.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// mostTurns keeps a model that never stops calling from spending money for ever.
const mostTurns = 5

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := gateway.Connect(cmp.Or(os.Getenv("GATEWAY_ADDRESS"), "http://127.0.0.1:50051"))
	if err != nil {
		return err
	}
	defer client.Close()

	request := &gatewayv1.InvokeRequest{
		Messages: []*gatewayv1.Message{gateway.User(gateway.Text("What is the weather in Oslo? Use the tool."))},
		ToolConfig: &gatewayv1.ToolConfig{
			Tools: []*gatewayv1.Tool{gateway.Tool("get_weather", "Current weather of a city", `{
				"type": "object",
				"properties": {"city": {"type": "string"}},
				"required": ["city"]
			}`)},
			// The first turn has to call a tool; later ones are free to.
			ToolChoice: &gatewayv1.ToolChoice{Choice: &gatewayv1.ToolChoice_Any{Any: &gatewayv1.AnyToolChoice{}}},
		},
	}
	for range mostTurns {
		answer, err := client.Invoke(ctx, request)
		if err != nil {
			return err
		}
		if answer.GetStopReason() != gatewayv1.StopReason_STOP_REASON_TOOL_USE {
			fmt.Printf("answer: %s\n", answer.GetText())
			return nil
		}
		// The model's message goes back unmodified, followed by the results of all its calls.
		request.Messages = append(request.Messages, answer.GetMessage(), results(answer.GetMessage()))
		request.ToolConfig.ToolChoice = nil
	}
	return errors.New("the model goes on calling tools")
}

// results runs every call of a message.
func results(message *gatewayv1.Message) *gatewayv1.Message {
	answer := gateway.User()
	for _, call := range gateway.ToolCalls(message) {
		fmt.Printf("call: %s(%s)\n", call.GetName(), call.GetInputJson())
		result, err := weather(call.GetInputJson())
		if err != nil {
			fmt.Printf("failed: %v\n", err)
			answer.Content = append(answer.Content, gateway.ToolFailure(call, "the input does not fit the schema"))
			continue
		}
		fmt.Printf("result: %s\n", result)
		answer.Content = append(answer.Content, gateway.ToolResult(call, result))
	}
	return answer
}

// weather is the tool.
func weather(inputJSON string) (string, error) {
	var input struct{ City string }
	if err := json.Unmarshal([]byte(inputJSON), &input); err != nil {
		return "", err
	}
	return fmt.Sprintf("4 °C and clear in %q", input.City), nil
}
