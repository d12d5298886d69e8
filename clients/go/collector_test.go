package gateway

import (
	"errors"
	"iter"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// The events that end an answer.
const (
	stop = `message_stop { stop_reason: STOP_REASON_END_TURN raw_stop_reason: "end_turn"
		additional_model_response_fields { fields { key: "a" value { number_value: 1 } } } }`
	told = `metadata { request_id: "r" model: "m" }`
)

func events(t *testing.T, texts ...string) []*gatewayv1.InvokeStreamResponse {
	t.Helper()
	var events []*gatewayv1.InvokeStreamResponse
	for _, text := range texts {
		event := &gatewayv1.InvokeStreamResponse{}
		if err := prototext.Unmarshal([]byte(text), event); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		events = append(events, event)
	}
	return events
}

func asStream(events []*gatewayv1.InvokeStreamResponse, err error) iter.Seq2[*gatewayv1.InvokeStreamResponse, error] {
	return func(yield func(*gatewayv1.InvokeStreamResponse, error) bool) {
		for _, event := range events {
			if !yield(event, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func TestEventsAreJoinedIntoTheAnswerOfInvoke(t *testing.T) {
	for name, test := range map[string]struct {
		events  []string
		content string // of the message
		text    string
	}{
		"text in pieces, with events that say nothing of it": {
			[]string{
				`attempt { attempt { number: 1 } }`, `message_start { role: ROLE_ASSISTANT }`, `heartbeat {}`, ``,
				`content_block_start { text {} }`, `content_block_delta { text: "a" }`, `content_block_delta { text: "b" }`,
				`content_block_stop {}`,
			},
			`content { text: "ab" }`, "ab",
		},
		"blocks that interleave and come in any order": {
			[]string{
				`content_block_start { content_block_index: 10 text {} }`, `content_block_start { content_block_index: 2 text {} }`,
				`content_block_delta { content_block_index: 10 text: "c" }`, `content_block_delta { content_block_index: 2 text: "a" }`,
				`content_block_delta { content_block_index: 10 text: "d" }`, `content_block_delta { content_block_index: 2 text: "b" }`,
			},
			`content { text: "ab" } content { text: "cd" }`, "abcd",
		},
		"the call of a tool": {
			[]string{
				`content_block_start { tool_use { tool_use_id: "i" name: "n" type: TOOL_USE_TYPE_SERVER_TOOL_USE } }`,
				`content_block_delta { tool_use { input_json: "{\"b\": 1" } }`, `content_block_delta { tool_use { input_json: ", \"a\": 2}" } }`,
			},
			`content { tool_use { tool_use_id: "i" name: "n" type: TOOL_USE_TYPE_SERVER_TOOL_USE input_json: "{\"b\": 1, \"a\": 2}" } }`, "",
		},
		"the result of a tool, in which texts in a row are one": {
			[]string{
				`content_block_start { tool_result { tool_use_id: "i" type: "t" status: TOOL_RESULT_STATUS_SUCCESS } }`,
				`content_block_delta { tool_result { items { text: "a" } items { text: "b" } items { json: "1" } items {} } }`,
				`content_block_delta { tool_result { items { json: "2" } items { text: "c" } } }`,
				`content_block_delta { tool_result { items { text: "d" } } }`,
			},
			`content { tool_result { tool_use_id: "i" type: "t" status: TOOL_RESULT_STATUS_SUCCESS
				content { text: "ab" } content { json: "1" } content { json: "2" } content { text: "cd" } } }`, "",
		},
		"citations make cited content of a text, whenever they come": {
			[]string{
				`content_block_start { text {} }`, `content_block_delta { text: "a" }`, `content_block_delta { citation { title: "1" } }`,
				`content_block_delta { text: "b" }`, `content_block_delta { citation { title: "2" } }`,
			},
			`content { cited_content { content { text: "ab" } citations { title: "1" } citations { title: "2" } } }`, "ab",
		},
		"a thought, of which the last signature counts": {
			[]string{
				`content_block_start { reasoning { model: "m" } }`, `content_block_delta { reasoning { text: "a" } }`,
				`content_block_delta { reasoning { signature: "old" } }`, `content_block_delta { reasoning { text: "b" } }`,
				`content_block_delta { reasoning { signature: "new" } }`,
			},
			`content { reasoning { model: "m" reasoning_text { text: "ab" signature: "new" } } }`, "",
		},
		"a thought that is only signed": {
			[]string{`content_block_start { reasoning {} }`, `content_block_delta { reasoning { signature: "s" } }`},
			`content { reasoning { reasoning_text { signature: "s" } } }`, "",
		},
		"a thought that is encrypted": {
			[]string{
				`content_block_start { reasoning {} }`, `content_block_delta { reasoning { redacted_content: "a" } }`,
				`content_block_delta { reasoning { redacted_content: "b" } }`,
			},
			`content { reasoning { redacted_content: "ab" } }`, "",
		},
		"a thought of which nothing came": {
			[]string{`content_block_start { reasoning { model: "m" } }`}, `content { reasoning { model: "m" } }`, "",
		},
		"an image in pieces": {
			[]string{
				`content_block_start { image { mime_type: "image/png" } }`, `content_block_delta { image { data: "\x89P" } }`,
				`content_block_delta { image { data: "NG" } }`,
			},
			`content { image { mime_type: "image/png" data: "\x89PNG" } }`, "",
		},
		"an image that is stored elsewhere": {
			[]string{
				`content_block_start { image { mime_type: "image/png" } }`, `content_block_delta { image { s3_location { uri: "s3://b/k" } } }`,
			},
			`content { image { mime_type: "image/png" s3_location { uri: "s3://b/k" } } }`, "",
		},
		"an image that could not be made": {
			[]string{
				`content_block_start { image { mime_type: "image/png" } }`, `content_block_delta { image { error { message: "no" } } }`,
				`content_block_delta { image {} }`,
			},
			`content { image { mime_type: "image/png" error { message: "no" } } }`, "",
		},
		"whole blocks": {
			[]string{
				`content_block_start { whole { audio { mime_type: "audio/wav" data: "x" } } }`,
				`content_block_start { content_block_index: 1 whole { cited_content { content { text: "a" } content { text: "b" } } } }`,
				`content_block_start { content_block_index: 2 whole { text: "c" } }`,
			},
			`content { audio { mime_type: "audio/wav" data: "x" } }
				content { cited_content { content { text: "a" } content { text: "b" } } } content { text: "c" }`, "abc",
		},
		"output that was discarded": {
			[]string{
				`message_start { role: ROLE_ASSISTANT model: "first" }`, `content_block_start { text {} }`, `content_block_delta { text: "a" }`,
				`content_block_start { content_block_index: 1 text {} }`, `attempt { output_discarded: true }`,
				`message_start { role: ROLE_ASSISTANT model: "second" }`, `content_block_start { text {} }`, `content_block_delta { text: "b" }`,
			},
			`content { text: "b" }`, "b",
		},
		"what fits nowhere": {
			[]string{
				`content_block_delta { content_block_index: 7 text: "lost" }`, `content_block_start { text {} }`,
				`content_block_delta { tool_use { input_json: "lost" } }`, `content_block_delta {}`,
				`content_block_delta { image { data: "lost" } }`, `content_block_delta { reasoning { text: "lost" } }`,
				`content_block_start { content_block_index: 1 tool_use {} }`, `content_block_delta { content_block_index: 1 text: "lost" }`,
				`content_block_start { content_block_index: 2 }`,
			},
			`content { text: "" } content { tool_use {} } content {}`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			all := append([]string{`message_start { role: ROLE_ASSISTANT }`}, append(test.events, stop, told)...)
			want := &gatewayv1.InvokeResponse{}
			if err := prototext.Unmarshal([]byte(`message { role: ROLE_ASSISTANT `+test.content+` }
				stop_reason: STOP_REASON_END_TURN raw_stop_reason: "end_turn" metadata { request_id: "r" model: "m" }
				additional_model_response_fields { fields { key: "a" value { number_value: 1 } } }`), want); err != nil {
				t.Fatal(err)
			}
			want.Text = test.text

			got, err := Collect(asStream(events(t, all...), nil))

			if err != nil || !proto.Equal(got, want) {
				t.Errorf("got %v, %v\nwant %v", got, err, want)
			}
		})
	}
}

func TestTextsOfEventsAreTheTextOfTheAnswer(t *testing.T) {
	all := events(t, `message_start {}`, `content_block_start { text {} }`, `content_block_delta { text: "a" }`,
		`content_block_start { content_block_index: 1 whole { cited_content { content { text: "b" } content { text: "c" } } } }`,
		`content_block_start { content_block_index: 2 whole { text: "d" } }`,
		`content_block_start { content_block_index: 3 tool_use {} }`,
		`content_block_delta { content_block_index: 3 tool_use { input_json: "{}" } }`, ``, stop, told)
	var texts string

	for _, event := range all {
		texts += TextOf(event)
	}
	answer, err := Collect(asStream(all, nil))

	if err != nil || texts != "abcd" || answer.GetText() != texts {
		t.Errorf("got %q and %v, %v", texts, answer, err)
	}
}

func TestPartOfAnAnswerIsNeverTakenForAWholeOne(t *testing.T) {
	begun := []string{`message_start { role: ROLE_ASSISTANT }`, `content_block_start { text {} }`, `content_block_delta { text: "a" }`}
	broken := &Error{Message: "broken"}

	_, withoutEnd := Collect(asStream(events(t, begun...), nil))
	_, withoutMetadata := Collect(asStream(events(t, append(begun, stop)...), nil))
	_, withoutStop := Collect(asStream(events(t, append(begun, told)...), nil))
	_, nothing := Collect(asStream(nil, nil))
	_, discarded := Collect(asStream(events(t, append(begun, stop, told, `attempt { output_discarded: true }`)...), nil))
	answer, failed := Collect(asStream(events(t, append(begun, stop, told)...), broken))

	for _, err := range []error{withoutEnd, withoutMetadata, withoutStop, nothing, discarded} {
		if !errors.Is(err, ErrIncomplete) {
			t.Errorf("got %v", err)
		}
	}
	if answer != nil || !errors.Is(failed, broken) {
		t.Errorf("got %v, %v", answer, failed)
	}
}

func TestPartsCanBeSeenWhileTheyCome(t *testing.T) {
	var collector Collector
	var seen []string

	for _, event := range events(t, `message_start { role: ROLE_ASSISTANT }`, `content_block_start { text {} }`,
		`content_block_delta { text: "a" }`, `content_block_delta { text: "b" }`) {
		collector.Add(event)
		if content := collector.Partial().GetContent(); len(content) > 0 {
			seen = append(seen, content[0].GetText())
		}
	}

	if len(seen) != 3 || seen[0] != "" || seen[1] != "a" || seen[2] != "ab" {
		t.Errorf("got %q", seen)
	}
}
