// Program basic asks one question and prints the answer, who gave it, and what it cost.
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

	answer, err := client.Invoke(ctx, gateway.Prompt("Name three moons of Jupiter."))
	if err != nil {
		return err
	}

	fmt.Println(answer.GetText())
	told := answer.GetMetadata()
	fmt.Printf("model: %s\n", told.GetModel())
	fmt.Printf("tokens: %d in, %d out\n", told.GetUsage().GetInputTokens(), told.GetUsage().GetOutputTokens())
	if cost := told.GetCost(); cost != nil {
		fmt.Printf("cost: %.6f %s\n", float64(cost.GetTotalNanos())/1e9, cost.GetCurrencyCode())
	}
	fmt.Printf("request: %s\n", told.GetRequestId())
	return nil
}
