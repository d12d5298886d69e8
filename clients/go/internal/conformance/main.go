// Program conformance makes calls that it reads as lines of JSON, and writes what came of each: a program that holds
// clients in several languages against each other starts it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
)

// mostCalls that run side by side.
const mostCalls = 16

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(2)
	}
}

func run(input io.Reader, output io.Writer) error {
	client, err := gateway.Connect(os.Getenv("GATEWAY_ADDRESS"))
	if err != nil {
		return fmt.Errorf("GATEWAY_ADDRESS: %w", err)
	}
	defer client.Close()
	var running sync.WaitGroup
	places := make(chan struct{}, mostCalls)
	lines := make(chan result)
	written := make(chan error, 1)
	go func() { written <- write(output, lines) }()

	err = read(bufio.NewReader(input), func(line []byte) {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			lines <- answer(client, line)
		})
	})
	running.Wait()
	close(lines)
	if failure := <-written; failure != nil {
		return failure
	}
	return err
}

// read hands on each line that is not empty.
func read(input *bufio.Reader, each func([]byte)) error {
	for {
		line, err := input.ReadBytes('\n')
		if len(line) > 1 {
			each(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// write writes each result at once. After a failure it takes the rest, so that nothing hangs.
func write(output io.Writer, results <-chan result) error {
	var failure error
	encoder := json.NewEncoder(output)
	for result := range results {
		if failure == nil {
			failure = encoder.Encode(result)
		}
	}
	return failure
}
