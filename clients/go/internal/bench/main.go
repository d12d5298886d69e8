// Program bench opens one stream with many events, and prints how fast they come and what each costs this process. The
// gateway is that of GATEWAY_ADDRESS and EMULATOR_URL, or is started with GATEWAY_BIN.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/internal/livegateway"
)

const model = "claude-sonnet-4-5"

func main() {
	deltas := flag.Int("deltas", 20000, "pieces of text in the answer")
	rounds := flag.Int("rounds", 3, "streams, one after the other")
	flag.Parse()
	if err := run(*deltas, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(deltas, rounds int) error {
	live, err := livegateway.Start()
	if err != nil {
		return err
	}
	defer live.Stop()
	scenario, err := answerOf(deltas)
	if err != nil {
		return err
	}
	if err := live.Play(model, scenario); err != nil {
		return err
	}
	defer func() { _ = live.Play(model, "") }()
	client, err := gateway.Connect(live.Address)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Health(context.Background(), ""); err != nil {
		return err
	}
	for round := range rounds {
		if err := measure(client, round+1, deltas); err != nil {
			return err
		}
	}
	return nil
}

func measure(client *gateway.Client, round, deltas int) error {
	request := &gatewayv1.InvokeStreamRequest{
		Model:  model,
		Prompt: "Hi",
		RoutingConfig: &gatewayv1.RoutingConfig{
			FallbackMode: gatewayv1.RoutingConfig_FALLBACK_MODE_DISABLED,
			MaxAttempts:  proto.Int32(1),
		},
	}
	var collector gateway.Collector
	var events, texts int
	start, cpu := time.Now(), cpuTime()
	for event, err := range client.Stream(context.Background(), request) {
		if err != nil {
			return err
		}
		collector.Add(event)
		events++
		if gateway.TextOf(event) != "" {
			texts++
		}
	}
	passed, used := time.Since(start), cpuTime()-cpu
	answer, err := collector.Response()
	if err != nil {
		return err
	}
	if want := deltas * len(piece(0)); len(answer.GetText()) != want {
		return fmt.Errorf("%d bytes came of %d", len(answer.GetText()), want)
	}
	fmt.Printf("round %d: %d events (%d of text) in %.2f s, %.0f events/s, %.2f us of CPU per event\n", round, events, texts,
		passed.Seconds(), float64(events)/passed.Seconds(), float64(used.Nanoseconds())/1e3/float64(events))
	return nil
}

// piece is a text of a length that does not change.
func piece(number int) string { return fmt.Sprintf("word%07d ", number) }

// answerOf is a scenario whose answer comes in exactly these events.
func answerOf(deltas int) (string, error) {
	type object = map[string]any
	events := []object{{"messageStart": object{"role": "assistant"}}}
	for number := range deltas {
		delta := object{"contentBlockIndex": 0, "delta": object{"text": piece(number)}}
		events = append(events, object{"contentBlockDelta": delta})
	}
	events = append(events,
		object{"contentBlockStop": object{"contentBlockIndex": 0}},
		object{"messageStop": object{"stopReason": "end_turn"}},
		object{"metadata": object{
			"usage":   object{"inputTokens": 1, "outputTokens": deltas, "totalTokens": deltas + 1},
			"metrics": object{"latencyMs": 1},
		}},
	)
	var text strings.Builder
	err := json.NewEncoder(&text).Encode(object{"reply": object{"events": events}})
	return text.String(), err
}

// cpuTime is what this process has used so far, in all its threads.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
