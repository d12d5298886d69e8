// Program errors shows what a failed call tells, and how to wait when a model is throttled. It lets an emulator throttle
// one: start the gateway with --emulator, and set EMULATOR_URL to the address that it prints.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

const (
	model     = "claude-3-opus"
	mostTries = 5
)

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

	// A request that is wrong: every field at fault is named.
	_, err = client.Invoke(ctx, &gatewayv1.InvokeRequest{})
	var failed *gateway.Error
	if !errors.As(err, &failed) {
		return fmt.Errorf("an empty request was answered: %w", err)
	}
	fmt.Printf("refused: %v\n", failed)
	for _, violation := range failed.Violations {
		fmt.Printf("  %s: %s (%s)\n", violation.Field, violation.Description, violation.Reason)
	}
	fmt.Printf("  see %s\n", failed.Help)

	emulator := os.Getenv("EMULATOR_URL")
	if emulator == "" {
		fmt.Println("EMULATOR_URL is not set, so no model is throttled")
		return nil
	}
	if err := throttleOnce(ctx, emulator); err != nil {
		return err
	}
	return patiently(ctx, client)
}

// patiently asks one model, and waits as long as it is told to whenever it is worth it.
func patiently(ctx context.Context, client *gateway.Client) error {
	request := gateway.Prompt("Hi")
	request.Model = model
	request.RoutingConfig = &gatewayv1.RoutingConfig{
		FallbackMode: gatewayv1.RoutingConfig_FALLBACK_MODE_DISABLED,
		MaxAttempts:  proto.Int32(1),
	}
	for range mostTries {
		answer, err := client.Invoke(ctx, request)
		if err == nil {
			fmt.Printf("answered by %s\n", answer.GetMetadata().GetModel())
			return nil
		}
		var failed *gateway.Error
		if !errors.As(err, &failed) || !failed.Retryable() {
			return err
		}
		delay := time.Second
		if failed.RetryDelay != nil {
			delay = *failed.RetryDelay
		}
		fmt.Printf("%s: waiting for %v\n", failed.Reason, delay)
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("the model is throttled for too long")
}

// throttleOnce makes the emulator refuse the next call of the model.
func throttleOnce(ctx context.Context, emulator string) error {
	scenario := `{"exception": {"name": "ThrottlingException"}, "times": 1}`
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPut, emulator+"/_emulator/scenarios/"+model, strings.NewReader(scenario))
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
