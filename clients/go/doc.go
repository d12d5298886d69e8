// Package gateway is the Go client of the Bedrock gateway, a gRPC service in front of Amazon Bedrock.
//
//	client, err := gateway.Connect("http://127.0.0.1:50051")
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	answer, err := client.Invoke(ctx, gateway.Prompt("Name three moons of Jupiter."))
//	if err != nil {
//		return err
//	}
//	fmt.Println(answer.GetText())
//
// Requests and answers are the messages of the API, in package gatewayv1; this package adds the connection, deadlines,
// errors as values, streams as iterators, and a [Collector] that joins the events of a stream.
//
// # Deadlines
//
// Every call has one. It is that of the context; if the context has none, that of [WithTimeouts]; and if that has none,
// that of service_config.json: 120 seconds for Invoke, 600 for Stream, 10 for the rest. Cancelling the context ends the
// call here and at the gateway, and the gateway ends it at Bedrock.
//
// # Retries
//
// The gateway itself repeats calls of models and falls back to other models. This client repeats only what never got
// there or was turned away with UNAVAILABLE before any content was sent: Invoke and Stream are made at most three times,
// the rest at most four. It waits as long as the gateway asks, and does not repeat what the gateway says not to. When
// much fails, it stops repeating.
//
// # Errors
//
// Every method that makes a call fails with an [*Error].
package gateway

// Version of this client.
const Version = "0.1.0"
