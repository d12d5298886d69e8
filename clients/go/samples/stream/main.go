// Program stream prints an answer while it is generated, and then what the whole of it was.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
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

	var collector gateway.Collector
	pieces := 0
	for event, err := range client.Stream(ctx, gateway.StreamPrompt("Write a haiku about rivers.")) {
		if err != nil {
			return err
		}
		collector.Add(event)
		if text := gateway.TextOf(event); text != "" {
			pieces++
			fmt.Print(text)
		}
	}
	fmt.Println()

	answer, err := collector.Response()
	if err != nil {
		return err
	}
	fmt.Printf("pieces: %d\n", pieces)
	fmt.Printf("characters: %d\n", len([]rune(answer.GetText())))
	fmt.Printf("stop reason: %s\n", answer.GetStopReason())
	fmt.Printf("first token after: %v\n", answer.GetMetadata().GetTimeToFirstToken().AsDuration())
	return nil
}
