// Program cancel ends calls before they are done: by leaving the loop, by cancelling, and by a deadline. Each also ends
// at the gateway and at Bedrock; what was generated until then may be billed.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
)

const prompt = "Tell me a long story about a river."

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

	pieces := 0
	for event, err := range client.Stream(ctx, gateway.StreamPrompt(prompt)) {
		if err != nil {
			return err
		}
		if gateway.TextOf(event) != "" {
			pieces++
		}
		if pieces == 3 {
			break
		}
	}
	fmt.Printf("left after %d pieces\n", pieces)

	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, failure := range client.Stream(cancelled, gateway.StreamPrompt(prompt)) {
		err = failure
		cancel() // as another goroutine might, at any time
	}
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("cancelled in vain: %w", err)
	}
	fmt.Printf("cancelled: %v\n", err)

	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err = client.Invoke(short, gateway.Prompt(prompt))
	if !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("answered within a millisecond: %w", err)
	}
	fmt.Printf("too late: %v\n", err)
	return nil
}
