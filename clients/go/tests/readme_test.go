package tests

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// block is what stands between fences in the README.
type block struct{ language, text string }

func blocks(t *testing.T) []block {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, found := range regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$").FindAllStringSubmatch(string(readme), -1) {
		blocks = append(blocks, block{found[1], found[2]})
	}
	return blocks
}

// imports are the packages that blocks without a head may use, by name.
var imports = map[string]string{
	"context":   `"context"`,
	"errors":    `"errors"`,
	"fmt":       `"fmt"`,
	"time":      `"time"`,
	"metadata":  `"google.golang.org/grpc/metadata"`,
	"gateway":   `gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"`,
	"gatewayv1": `"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"`,
}

// program makes one program of blocks: a function of each, and a line printed after each that worked.
func program(fragments []string) string {
	var functions, calls strings.Builder
	for number, fragment := range fragments {
		fmt.Fprintf(&functions, "func block%d(ctx context.Context, client *gateway.Client) error {\n%sreturn nil\n}\n\n", number, fragment)
		fmt.Fprintf(&calls, "if err := block%d(ctx, client); err != nil { panic(err) }\nfmt.Println(\"\\nblock %[1]d worked\")\n", number)
	}
	body := functions.String() + `func main() {
		ctx := context.Background()
		client, err := gateway.Connect("http://127.0.0.1:50051")
		if err != nil { panic(err) }
		defer client.Close()
		` + calls.String() + "}\n"
	var head strings.Builder
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		if strings.Contains(body, name+".") {
			fmt.Fprintf(&head, "import %s\n", imports[name])
		}
	}
	return "package main\n\n" + head.String() + "\n" + body
}

// runGo builds and runs a program of our module, against our gateway. Its folder is always the same, so that what was
// built before is used again.
func runGo(t *testing.T, folder, text string) string {
	t.Helper()
	// Programs below a name with an underscore are no part of ./...
	folder = "../target/_readme/" + folder
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, `"http://127.0.0.1:50051"`, `os.Getenv("GATEWAY_ADDRESS")`)
	text = strings.Replace(text, "package main\n", "package main\n\nimport \"os\"\n", 1)
	if err := os.WriteFile(folder+"/main.go", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return output(t, []string{"GATEWAY_ADDRESS=" + live.Address}, "go", "run", "-ldflags=-w", folder)
}

func TestFirstProgramOfReadmePrintsAnAnswer(t *testing.T) {
	for _, block := range blocks(t) {
		if strings.HasPrefix(block.text, "package main\n") {
			if said := runGo(t, "program", block.text); len(strings.TrimSpace(said)) == 0 {
				t.Error("nothing was printed")
			}
			return
		}
	}
	t.Error("README.md has no program")
}

func TestBlocksOfReadmeWork(t *testing.T) {
	var fragments []string
	for _, block := range blocks(t) {
		if block.language == "go" && !strings.HasPrefix(block.text, "package ") {
			fragments = append(fragments, block.text)
		}
	}

	said := runGo(t, "blocks", program(fragments))

	if len(fragments) < 6 || strings.Count(said, " worked\n") != len(fragments) {
		t.Errorf("of %d blocks:\n%s", len(fragments), said)
	}
	for _, part := range []string{
		"STOP_REASON_END_TURN", "get_weather {", "InvalidArgument INVALID_REQUEST",
		"docs/errors.md#invalid_request", "{prompt REQUIRED", "order-4711",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("%s is not printed:\n%s", part, said)
		}
	}
}

func TestCommandsOfReadmeWork(t *testing.T) {
	module := strings.TrimSpace(output(t, nil, "go", "list", "-m"))
	var tried int
	for _, block := range blocks(t) {
		if block.language == "go" {
			continue
		}
		for _, command := range strings.Split(strings.TrimSpace(block.text), "\n") {
			tried++
			switch arguments := strings.Fields(command); {
			case block.language != "sh":
				t.Errorf("language %q is not tried", block.language)
			case strings.HasPrefix(command, "go get "):
				if arguments[2] != module {
					t.Errorf("%s: the module is %s", command, module)
				}
			case arguments[0] == "bedrock-gateway":
				listens(t, arguments[1:])
			default:
				t.Errorf("%q is not tried", command)
			}
		}
	}
	if tried < 2 {
		t.Errorf("only %d commands", tried)
	}
}

// listens starts the gateway as the README says, but on a free port, and waits until it prints both addresses.
func listens(t *testing.T, arguments []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, os.Getenv("GATEWAY_BIN"), append(arguments, "--listen", "127.0.0.1:0")...)
	printed, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = command.Wait() }()
	defer cancel()
	var seen string
	for lines := bufio.NewScanner(printed); lines.Scan(); {
		seen += lines.Text() + "\n"
		if strings.Contains(seen, "gateway listening on ") && strings.Contains(seen, "emulator listening on ") {
			return
		}
	}
	t.Errorf("%v printed\n%s", arguments, seen)
}
