package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// output runs a program with these variables beside those there are, and gives what it prints.
func output(t *testing.T, variables []string, program string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Env = append(os.Environ(), variables...)
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, arguments, err, said)
	}
	return string(said)
}

func TestSamplesPrintWhatTheyPromise(t *testing.T) {
	const folder = "../target/samples/"
	output(t, nil, "go", "build", "-ldflags=-w", "-o", folder, "../samples/...")
	withEmulator := []string{"GATEWAY_ADDRESS=" + live.Address, "EMULATOR_URL=" + live.EmulatorURL}
	alone := []string{"GATEWAY_ADDRESS=" + live.Address, "EMULATOR_URL="}
	programs, err := filepath.Glob("../samples/*")
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}

	for _, test := range []struct {
		program   string
		variables []string
		want      string
	}{
		{"basic", alone, `(?s)^\S.*\nmodel: \S+\ntokens: [1-9]\d* in, [1-9]\d* out\ncost: 0\.0\d*[1-9]\d* USD\nrequest: \S+\n$`},
		{"stream", alone, `(?s)^\S.*\npieces: ([2-9]|\d\d+)\ncharacters: [1-9]\d+\nstop reason: STOP_REASON_END_TURN\nfirst token after: [1-9]\S*\n$`},
		{"tools", alone, `^call: get_weather\(\{.*"city".*\}\)\nresult: 4 °C and clear in ".*"\nanswer: \S.*\n$`},
		{"images", alone, `^picture: \d+ bytes of PNG\nanswer: \S.*\nmodel: \S+\n$`},
		{"errors", alone, `(?s)^refused: INVALID_ARGUMENT \(INVALID_REQUEST\): .* \[request \S+\]\n  prompt: .* \(REQUIRED\)\n  see docs/errors\.md#invalid_request\nEMULATOR_URL is not set.*\n$`},
		{"errors", withEmulator, `(?s)^refused: .*\n  see docs/errors\.md#invalid_request\nUPSTREAM_THROTTLED: waiting for \S+\n.*answered by claude-3-opus\n$`},
		{"fallback", alone, `(?s)^EMULATOR_URL is not set.*\n1\. claude-opus-4-1: STATE_SUCCEEDED\n$`},
		{"fallback", withEmulator, `(?s)\n1\. claude-opus-4-1: STATE_FAILED, ERROR_REASON_UPSTREAM_THROTTLED\n2\. \S+: STATE_SUCCEEDED\n$`},
		{"cancel", alone, `^left after 3 pieces\ncancelled: CANCELLED: .*\ntoo late: DEADLINE_EXCEEDED.*\n$`},
	} {
		t.Run(test.program, func(t *testing.T) {
			tried[test.program] = true

			said := output(t, test.variables, filepath.Join(folder, test.program))

			if !regexp.MustCompile(test.want).MatchString(said) {
				t.Errorf("%s\nwas printed instead of\n%s", said, test.want)
			}
		})
	}

	for _, program := range programs {
		if !tried[filepath.Base(program)] {
			t.Errorf("%s is not tried", program)
		}
	}
}
