// Package tests holds the client against a gateway whose models an emulator plays.
package tests

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/internal/livegateway"
)

var live *livegateway.Gateway

func TestMain(m *testing.M) {
	os.Exit(func() int {
		started, err := livegateway.Start()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer started.Stop()
		live = started
		return m.Run()
	}())
}

func connect(t *testing.T) *gateway.Client {
	t.Helper()
	client, err := gateway.Connect(live.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// play sets the scenario of a model until the test ends.
func play(t *testing.T, model, scenario string) {
	t.Helper()
	if err := live.Play(model, scenario); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := live.Play(model, ""); err != nil {
			t.Error(err)
		}
	})
}

// only is a request that no other model may answer.
func only(model, prompt string) *gatewayv1.InvokeRequest {
	return &gatewayv1.InvokeRequest{
		Model:  model,
		Prompt: prompt,
		RoutingConfig: &gatewayv1.RoutingConfig{
			FallbackMode: gatewayv1.RoutingConfig_FALLBACK_MODE_DISABLED,
			MaxAttempts:  proto.Int32(1),
		},
	}
}

func streamed(t *testing.T, request *gatewayv1.InvokeRequest) *gatewayv1.InvokeStreamRequest {
	t.Helper()
	result, err := gateway.Streamed(request)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// asError is the error as what this package promises that it is.
func asError(t *testing.T, err error) *gateway.Error {
	t.Helper()
	var failed *gateway.Error
	if !errors.As(err, &failed) {
		t.Fatalf("%v is no *gateway.Error", err)
	}
	return failed
}

func TestInvokeAnswersAndTellsWhoDid(t *testing.T) {
	client := connect(t)
	var header metadata.MD

	answer, err := client.Invoke(t.Context(), gateway.Prompt("Hi"), grpc.Header(&header))
	if err != nil {
		t.Fatal(err)
	}

	if answer.GetText() == "" || answer.GetText() != answer.GetMessage().GetContent()[0].GetText() {
		t.Errorf("text %q of %v", answer.GetText(), answer.GetMessage())
	}
	if ids := header.Get("x-request-id"); len(ids) != 1 || ids[0] != answer.GetMetadata().GetRequestId() {
		t.Errorf("x-request-id %q, metadata %v", ids, answer.GetMetadata())
	}
	if attempts := answer.GetMetadata().GetAttempts(); len(attempts) != 1 || answer.GetMetadata().GetCost().GetTotalNanos() <= 0 {
		t.Errorf("metadata %v", answer.GetMetadata())
	}
}

func TestEventsOfStreamMakeTheAnswerOfInvoke(t *testing.T) {
	client := connect(t)
	const model = "claude-3-5-sonnet-v2"
	for name, scenario := range map[string]string{
		"text":        `{"reply": {"text": "exactly this, and nothing else"}}`,
		"tool":        `{"reply": {"text": "I will look.", "toolUse": {"name": "get_weather", "input": {"city": "Oslo", "a": 12345678901234567890}}}}`,
		"two blocks":  `{"reply": {"content": [{"text": "one "}, {"text": "two"}]}}`,
		"a thought":   `{"reply": {"content": [{"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2lnbmVk"}}}, {"text": "ready"}]}}`,
		"cited text":  `{"reply": {"content": [{"citationsContent": {"content": [{"text": "so it is"}], "citations": [{"title": "Doc", "sourceContent": [{"text": "is"}], "location": {"documentChar": {"documentIndex": 0, "start": 1, "end": 2}}}]}}]}}`,
		"encrypted":   `{"reply": {"content": [{"reasoningContent": {"redactedContent": "c2VjcmV0"}}, {"text": "ready"}]}}`,
		"a picture":   `{"reply": {"content": [{"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}}]}}`,
		"tool result": `{"reply": {"content": [{"toolUse": {"toolUseId": "t1", "name": "nova_grounding", "input": {"q": 1}, "type": "server_tool_use"}}, {"toolResult": {"toolUseId": "t1", "type": "nova_grounding_result", "status": "success", "content": [{"json": {"b": 1, "a": [2]}}, {"text": "found"}]}}]}}`,
		"stop reason": `{"reply": {"text": "cut", "stopReason": "max_tokens"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			play(t, model, scenario)
			request := only(model, "Weather in Oslo?")
			request.ToolConfig = &gatewayv1.ToolConfig{Tools: []*gatewayv1.Tool{{Tool: &gatewayv1.Tool_ToolSpec{
				ToolSpec: &gatewayv1.ToolSpec{
					Name:            "get_weather",
					InputSchemaForm: &gatewayv1.ToolSpec_InputSchemaJson{InputSchemaJson: `{"type": "object"}`},
				},
			}}}}

			whole, err := client.Invoke(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			collected, err := gateway.Collect(client.Stream(t.Context(), streamed(t, request)))
			if err != nil {
				t.Fatal(err)
			}

			if whole.GetMetadata().GetModel() != collected.GetMetadata().GetModel() {
				t.Errorf("models: %v, %v", whole.GetMetadata(), collected.GetMetadata())
			}
			whole.Metadata, collected.Metadata = nil, nil
			if !proto.Equal(whole, collected) {
				t.Errorf("whole     %v\ncollected %v", whole, collected)
			}
		})
	}
}

func TestRequestThatIsWrongIsToldFieldByField(t *testing.T) {
	client := connect(t)
	request := &gatewayv1.InvokeRequest{
		InferenceConfig: &gatewayv1.InferenceConfig{Temperature: proto.Float32(7)},
	}

	_, err := client.Invoke(t.Context(), request)

	failed := asError(t, err)
	fields := map[string]string{}
	for _, violation := range failed.Violations {
		fields[violation.Field] = violation.Reason
		if violation.Description == "" {
			t.Errorf("no description of %s", violation.Field)
		}
	}
	if failed.Code != codes.InvalidArgument || failed.Reason != "INVALID_REQUEST" || failed.Retryable() ||
		failed.RequestID == "" || !strings.HasPrefix(failed.Help, "docs/errors.md#") {
		t.Errorf("got %+v", failed)
	}
	if len(fields) != 2 || fields["prompt"] != "REQUIRED" || fields["inference_config.temperature"] == "" {
		t.Errorf("fields %v", fields)
	}
}

func TestThrottlingIsToldWithItsDelayAndAttempts(t *testing.T) {
	client := connect(t)
	const model = "claude-3-opus"
	play(t, model, `{"exception": {"name": "ThrottlingException"}}`)

	_, unary := client.Invoke(t.Context(), only(model, "Hi"))
	_, stream := gateway.Collect(client.Stream(t.Context(), streamed(t, only(model, "Hi"))))

	failed := asError(t, unary)
	if failed.Code != codes.ResourceExhausted || failed.Reason != "UPSTREAM_THROTTLED" || !failed.Retryable() ||
		failed.RetryDelay == nil || *failed.RetryDelay <= 0 || failed.Metadata["model"] != model {
		t.Errorf("got %+v", failed)
	}
	attempts := failed.Attempts()
	if len(attempts) != 1 || attempts[0].GetError().GetReason() != failed.ErrorReason() || failed.OutputStarted() {
		t.Errorf("attempts %v", attempts)
	}
	// By then the model is left alone for a while, which is told in its place.
	if failed := asError(t, stream); failed.RetryDelay == nil || failed.RequestID == "" {
		t.Errorf("stream: %+v", failed)
	}
}

func TestStreamThatBreaksOffIsAnError(t *testing.T) {
	client := connect(t)
	const model = "claude-3-5-sonnet-v1"
	play(t, model, `{"reply": {"text": "one two three four five six seven"}, "truncate": {"afterEvents": 4}}`)
	var text string
	var failure error

	for event, err := range client.Stream(t.Context(), streamed(t, only(model, "Hi"))) {
		failure = err
		text += gateway.TextOf(event)
	}

	failed := asError(t, failure)
	if text == "" || failed.Code != codes.Aborted || failed.Reason != "STREAM_INTERRUPTED" || !failed.OutputStarted() {
		t.Errorf("after %q: %+v", text, failed)
	}
}

func TestDeadlineOfTheContextEndsTheCall(t *testing.T) {
	client := connect(t)
	const model = "claude-3-sonnet"
	play(t, model, `{"delay": {"headersMs": 60000}}`)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()

	_, err := client.Invoke(ctx, only(model, "Hi"))

	if failed := asError(t, err); failed.Code != codes.DeadlineExceeded || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %+v", failed)
	}
	waitForClosedCall(t, model)
}

func TestStreamThatIsLeftIsCancelledAtTheModel(t *testing.T) {
	client := connect(t)
	const model = "claude-3-5-haiku"
	play(t, model, `{"reply": {"text": "`+strings.Repeat("word ", 1000)+`"}, "delay": {"betweenEventsMs": 100}}`)

	for event, err := range client.Stream(t.Context(), streamed(t, only(model, "Hi"))) {
		if err != nil {
			t.Fatal(err)
		}
		if gateway.TextOf(event) != "" {
			break
		}
	}

	waitForClosedCall(t, model)
}

// waitForClosedCall waits until the emulator saw that the client of the model's last call left before its end.
func waitForClosedCall(t *testing.T, model string) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		calls, err := live.Calls()
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range calls {
			if call.Model == model && call.ClientClosed {
				return
			}
		}
		select {
		case <-tick.C:
		case <-deadline.Done():
			t.Fatalf("no call of %s was closed: %+v", model, calls)
		}
	}
}

func TestTokensAreCounted(t *testing.T) {
	client := connect(t)

	count, err := client.CountTokens(t.Context(), &gatewayv1.CountTokensRequest{Prompt: "How many tokens are these?"})

	if err != nil || count.GetInputTokens() < 3 || count.GetModel() == "" {
		t.Errorf("got %v, %v", count, err)
	}
}

func TestModelsAreListedWithAllPagesAndFoundByName(t *testing.T) {
	client := connect(t)
	var names []string
	for model, err := range client.Models(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, model.GetName())
	}

	var paged []string
	for request := (&gatewayv1.ListModelsRequest{PageSize: 3}); ; {
		page, err := client.ListModels(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, model := range page.GetModels() {
			paged = append(paged, model.GetName())
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	model, err := client.GetModel(t.Context(), names[0])
	_, missing := client.GetModel(t.Context(), "no-such-model")

	if len(names) < 4 || strings.Join(names, " ") != strings.Join(paged, " ") {
		t.Errorf("all %q, in pages %q", names, paged)
	}
	if err != nil || model.GetName() != names[0] {
		t.Errorf("got %v, %v", model, err)
	}
	if failed := asError(t, missing); failed.Code != codes.NotFound || failed.Reason != "MODEL_NOT_FOUND" {
		t.Errorf("got %+v", failed)
	}
}

func TestHealthIsTold(t *testing.T) {
	client := connect(t)

	for _, service := range []string{
		"", gateway.HealthOfInference, gateway.HealthOfModels, gateway.HealthOfProcess, "models/claude-sonnet-4-5",
	} {
		if isServing, err := client.Health(t.Context(), service); err != nil || !isServing {
			t.Errorf("%s: %v, %v", service, isServing, err)
		}
	}
	_, err := client.Health(t.Context(), "models/no-such-model")

	if failed := asError(t, err); failed.Code != codes.NotFound {
		t.Errorf("got %+v", failed)
	}
}
