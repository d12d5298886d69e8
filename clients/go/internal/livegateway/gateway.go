// Package livegateway gives tests a gateway whose models an emulator plays.
package livegateway

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Gateway is a gateway with its emulator.
type Gateway struct {
	// Address is that of the gateway, as Connect takes it.
	Address string
	// EmulatorURL is that of the emulator.
	EmulatorURL string

	process *exec.Cmd
	output  io.Closer
}

// Call is what the emulator knows of a call.
type Call struct {
	Model        string
	ClientClosed bool
}

// Start takes the gateway of GATEWAY_ADDRESS and EMULATOR_URL, or else starts the program that GATEWAY_BIN names.
func Start() (*Gateway, error) {
	address, emulator := os.Getenv("GATEWAY_ADDRESS"), os.Getenv("EMULATOR_URL")
	if address != "" && emulator != "" {
		return &Gateway{Address: address, EmulatorURL: emulator}, nil
	}
	program := os.Getenv("GATEWAY_BIN")
	if program == "" {
		return nil, errors.New("set GATEWAY_BIN to the program bedrock-gateway, " +
			"or GATEWAY_ADDRESS and EMULATOR_URL to one that runs with --emulator")
	}
	// Models are called however often they fail: no test may depend on another.
	process := exec.Command(program, "serve", "--emulator", "--listen", "127.0.0.1:0", "--routing-circuit-opens-after", "0")
	process.Env = environment()
	var problems bytes.Buffer
	process.Stderr = &problems
	output, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("GATEWAY_BIN: %w", err)
	}
	gateway := &Gateway{process: process, output: output}
	lines := bufio.NewScanner(output)
	for (gateway.Address == "" || gateway.EmulatorURL == "") && lines.Scan() {
		if listening, ok := strings.CutPrefix(lines.Text(), "gateway listening on "); ok {
			gateway.Address = "http://" + listening
		}
		if listening, ok := strings.CutPrefix(lines.Text(), "emulator listening on "); ok {
			gateway.EmulatorURL = listening
		}
	}
	if gateway.Address == "" || gateway.EmulatorURL == "" {
		gateway.Stop()
		return nil, fmt.Errorf("%s ended before it listened:\n%s", program, &problems)
	}
	go func() { _, _ = io.Copy(io.Discard, output) }()
	return gateway, nil
}

// environment is ours without what would choose a region, credentials or settings.
func environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "BEDROCK_") {
			kept = append(kept, variable)
		}
	}
	return append(kept,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"BEDROCK_GATEWAY_REGISTRY_TRY_RETIRED_MODELS=true",
	)
}

// Stop ends the gateway, if Start started it.
func (g *Gateway) Stop() {
	if g.process != nil {
		_ = g.process.Process.Kill()
		_ = g.process.Wait()
		_ = g.output.Close()
	}
}

// Play sets the scenario of a model, in JSON, until it is set anew. Empty means: answer as usual.
func (g *Gateway) Play(model, scenario string) error {
	if scenario == "" {
		return g.ask(http.MethodDelete, "scenarios/"+url.PathEscape(model), "", nil)
	}
	return g.ask(http.MethodPut, "scenarios/"+url.PathEscape(model), scenario, nil)
}

// Calls are those that the emulator got, oldest first.
func (g *Gateway) Calls() ([]Call, error) {
	var calls []Call
	err := g.ask(http.MethodGet, "journal", "", &calls)
	return calls, err
}

func (g *Gateway) ask(method, path, body string, answer any) error {
	request, err := http.NewRequest(method, g.EmulatorURL+"/_emulator/"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("emulator: %s %s: %s: %s", method, path, response.Status, said)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(said, answer)
}
