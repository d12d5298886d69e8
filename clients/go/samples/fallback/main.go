// Program fallback names models to try in turn, and prints what was tried. To see the first one fail, start the gateway
// with --emulator, and set EMULATOR_URL to the address that it prints.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

const first, second = "claude-opus-4-1", "claude-sonnet-4-5"

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
	if emulator := os.Getenv("EMULATOR_URL"); emulator == "" {
		fmt.Println("EMULATOR_URL is not set, so no model fails on purpose")
	} else if err := throttleOnce(ctx, emulator); err != nil {
		return err
	}

	answer, err := client.Invoke(ctx, &gatewayv1.InvokeRequest{
		Model:         first,
		Prompt:        "Name three moons of Jupiter.",
		RoutingConfig: &gatewayv1.RoutingConfig{FallbackModels: []string{second}},
	})
	if err != nil {
		return err
	}

	fmt.Println(answer.GetText())
	for _, attempt := range answer.GetMetadata().GetAttempts() {
		fmt.Printf("%d. %s: %s", attempt.GetNumber(), attempt.GetModel(), attempt.GetState())
		if attempt.GetError() != nil {
			fmt.Printf(", %s", attempt.GetError().GetReason())
		}
		fmt.Println()
	}
	return nil
}

// throttleOnce makes the emulator refuse the next call of the first model.
func throttleOnce(ctx context.Context, emulator string) error {
	scenario := `{"exception": {"name": "ThrottlingException"}, "times": 1}`
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPut, emulator+"/_emulator/scenarios/"+first, strings.NewReader(scenario))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("emulator: %s", response.Status)
	}
	return nil
}
