package tests

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// line is what the conformance client writes.
type line struct {
	ID             string
	Headers        map[string][]string
	Response       []byte
	FirstContentMs float64
	Events         [][]byte
	Collected      []byte
	Error          *struct {
		Code         int
		Message      string
		Details      []byte
		Trailers     map[string][]string
		Reason       string
		RequestID    string
		RetryDelayMs *float64
		Violations   []struct{ Field, Reason, Description string }
		Help         string
		Attempts     int
		Retryable    bool
	}
}

// converse gives the conformance client these lines, and its answers by their ids.
func converse(t *testing.T, lines ...string) map[string]line {
	t.Helper()
	output(t, nil, "go", "build", "-ldflags=-w", "-o", "../target/", "../internal/conformance")
	command := exec.CommandContext(t.Context(), "../conformance")
	command.Env = append(command.Environ(), "GATEWAY_ADDRESS="+live.Address)
	command.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	var written, problems bytes.Buffer
	command.Stdout, command.Stderr = &written, &problems
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, &problems)
	}
	answers := map[string]line{}
	for _, text := range strings.Split(strings.TrimSpace(written.String()), "\n") {
		var answer line
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		answers[answer.ID] = answer
	}
	return answers
}

// order is a line to read.
func order(t *testing.T, id, method string, request proto.Message) string {
	t.Helper()
	encoded, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{
		"id": id, "method": method, "request": base64.StdEncoding.EncodeToString(encoded), "timeoutMs": 20000,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decode[Message proto.Message](t *testing.T, bytes []byte, message Message) Message {
	t.Helper()
	if err := proto.Unmarshal(bytes, message); err != nil {
		t.Fatal(err)
	}
	return message
}

func TestConformanceClientWritesWhatCameOfEachCall(t *testing.T) {
	const throttled, exact = "claude-3-opus", "claude-sonnet-4-5"
	play(t, throttled, `{"exception": {"name": "ThrottlingException"}}`)
	play(t, exact, `{"reply": {"text": "exactly this"}}`)

	answers := converse(t,
		order(t, "whole", "Invoke", only(exact, "Hi")),
		order(t, "stream", "InvokeStream", streamed(t, only(exact, "Hi"))),
		order(t, "count", "CountTokens", &gatewayv1.CountTokensRequest{Prompt: "Hi"}),
		order(t, "all", "ListModels", &gatewayv1.ListModelsRequest{}),
		order(t, "page", "ListModels", &gatewayv1.ListModelsRequest{PageSize: 2}),
		order(t, "model", "GetModel", &gatewayv1.GetModelRequest{Name: exact}),
		order(t, "wrong", "Invoke", &gatewayv1.InvokeRequest{}),
		order(t, "throttled", "Invoke", only(throttled, "Hi")),
		order(t, "unknown", "Delete", &gatewayv1.InvokeRequest{}),
		`{"id": "broken", "method": "Invoke", "request": "/w=="}`,
		`nonsense`,
	)

	if len(answers) != 11 {
		t.Errorf("%d answers", len(answers))
	}
	if whole := answers["whole"]; decode(t, whole.Response, &gatewayv1.InvokeResponse{}).GetText() != "exactly this" ||
		len(whole.Headers["x-request-id"]) != 1 {
		t.Errorf("whole: %+v", whole)
	}
	stream := answers["stream"]
	if decode(t, stream.Collected, &gatewayv1.InvokeResponse{}).GetText() != "exactly this" || len(stream.Events) < 6 ||
		stream.FirstContentMs <= 0 || len(stream.Headers["x-request-id"]) != 1 {
		t.Errorf("stream: %+v", stream)
	}
	if decode(t, answers["count"].Response, &gatewayv1.CountTokensResponse{}).GetInputTokens() == 0 {
		t.Errorf("count: %+v", answers["count"])
	}
	all := decode(t, answers["all"].Response, &gatewayv1.ListModelsResponse{})
	page := decode(t, answers["page"].Response, &gatewayv1.ListModelsResponse{})
	if len(all.GetModels()) < 4 || all.GetNextPageToken() != "" || len(page.GetModels()) != 2 || page.GetNextPageToken() == "" {
		t.Errorf("all %v, page %v", all, page)
	}
	if decode(t, answers["model"].Response, &gatewayv1.GetModelResponse{}).GetModel().GetName() != exact {
		t.Errorf("model: %+v", answers["model"])
	}
	wrong := answers["wrong"].Error
	if wrong == nil || wrong.Code != 3 || wrong.Reason != "INVALID_REQUEST" || len(wrong.Violations) != 1 || wrong.Retryable ||
		wrong.Violations[0].Field != "prompt" || len(decode(t, wrong.Details, &status.Status{}).GetDetails()) < 3 ||
		wrong.RequestID == "" || wrong.RequestID != wrong.Trailers["x-request-id"][0] || wrong.Help == "" {
		t.Errorf("wrong: %+v", wrong)
	}
	if late := answers["throttled"].Error; late == nil || late.Code != 8 || late.RetryDelayMs == nil || !late.Retryable ||
		late.Attempts != 1 {
		t.Errorf("throttled: %+v", late)
	}
	for _, id := range []string{"unknown", "broken", ""} {
		if answers[id].Error == nil || answers[id].Error.Code != 2 {
			t.Errorf("%q: %+v", id, answers[id])
		}
	}
}
