package gateway

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

func TestAllProblemsOfOptionsAreToldAtOnce(t *testing.T) {
	_, err := Connect("nowhere",
		WithTimeouts(Timeouts{Invoke: -time.Second}),
		WithMetadata("grpc-timeout", "1S"),
		WithMetadata("two words", "x"),
		WithMetadata("", "x"),
		WithMetadata("authorization", "se\ncret"),
	)

	for _, part := range []string{
		"http://HOST:PORT", "timeout Invoke", `"grpc-timeout"`, `"two words"`, `key ""`, `"authorization"`,
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %s", err, part)
		}
	}
	if strings.Contains(fmt.Sprint(err), "cret") {
		t.Errorf("%v shows the value", err)
	}
}

func TestFilesForTLSAreNamedWhenTheyAreWrong(t *testing.T) {
	noCertificate := t.TempDir() + "/empty.pem"
	if err := os.WriteFile(noCertificate, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	_, err := Connect("https://host", WithCAFile("/no/ca.pem"), WithClientCertificate("/no/cert.pem", "/no/key.pem"))
	_, empty := Connect("https://host", WithCAFile(noCertificate))
	_, plain := Connect("http://host:1", WithCAFile(noCertificate))

	for _, part := range []string{"/no/ca.pem", "/no/cert.pem"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %s", err, part)
		}
	}
	if empty == nil || !strings.Contains(empty.Error(), noCertificate) {
		t.Errorf("an empty CA file: %v", empty)
	}
	if plain == nil || !strings.Contains(plain.Error(), "https://HOST:PORT") {
		t.Errorf("a CA file for plain text: %v", plain)
	}
}

func TestClientNeverShowsItsMetadata(t *testing.T) {
	client, err := Connect("http://127.0.0.1:1", WithMetadata("authorization", "Bearer s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("connected", "client", client)

	for _, shown := range []string{
		fmt.Sprint(client), fmt.Sprintf("%v %+v %#v %s %q", client, client, client, client, client), log.String(),
		fmt.Sprintf("%+v %#v", struct{ Client *Client }{client}, struct{ Client *Client }{client}),
		fmt.Sprintf("%+v", WithMetadata("authorization", "Bearer s3cret")),
	} {
		if strings.Contains(shown, "s3cret") {
			t.Errorf("shown: %s", shown)
		}
	}
	if got := client.String(); got != "gateway.Client(http://127.0.0.1:1)" {
		t.Errorf("got %s", got)
	}
}

func TestTimeoutsComeFromTheServiceConfig(t *testing.T) {
	client, err := Connect("http://127.0.0.1:1", WithTimeouts(Timeouts{CountTokens: time.Minute}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	want := Timeouts{
		Invoke: 120 * time.Second, Stream: 600 * time.Second, CountTokens: time.Minute,
		Models: 10 * time.Second, Health: 10 * time.Second,
	}
	if client.timeouts != want {
		t.Errorf("got %+v", client.timeouts)
	}
}

func TestCopiesAreThoseOfTheProject(t *testing.T) {
	for copied, original := range map[string]string{
		"service_config.json": "../service_config.json",
		"LICENSE-MIT":         "../../LICENSE-MIT",
		"LICENSE-APACHE":      "../../LICENSE-APACHE",
	} {
		ours, err := os.ReadFile(copied)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := os.ReadFile(original)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(ours, theirs) {
			t.Errorf("%s differs: copy %s over it", copied, original)
		}
	}
}

func TestServiceConfigThatIsBrokenIsRefused(t *testing.T) {
	for _, file := range []string{"", "{", `{"methodConfig": [{"timeout": "soon"}]}`, `{"methodConfig": 1}`} {
		if _, err := readServiceConfig([]byte(file)); err == nil || !strings.Contains(err.Error(), "service_config.json") {
			t.Errorf("%q: %v", file, err)
		}
	}
}
