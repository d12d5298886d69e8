package gateway

import (
	"strings"
	"testing"
)

func TestAddressesOfBothFormsAreUnderstood(t *testing.T) {
	for address, want := range map[string]endpoint{
		"http://127.0.0.1:50051":     {"dns:///127.0.0.1:50051", "http://127.0.0.1:50051", false},
		"http://gateway.internal:1/": {"dns:///gateway.internal:1", "http://gateway.internal:1", false},
		"http://[::1]:50051":         {"dns:///[::1]:50051", "http://[::1]:50051", false},
		"https://gateway.internal":   {"dns:///gateway.internal:443", "https://gateway.internal:443", true},
		"https://gateway:8443":       {"dns:///gateway:8443", "https://gateway:8443", true},
		"https://[2001:db8::1]":      {"dns:///[2001:db8::1]:443", "https://[2001:db8::1]:443", true},
		"https://[2001:db8::1]:8443": {"dns:///[2001:db8::1]:8443", "https://[2001:db8::1]:8443", true},
	} {
		got, err := parseAddress(address)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", address, got, err, want)
		}
	}
}

func TestOtherAddressesAreRefusedWithBothForms(t *testing.T) {
	for _, address := range []string{
		"", "localhost", "localhost:50051", "127.0.0.1:50051", "http://localhost", "http://localhost:", "https://host:",
		"http://:50051", "https://", "grpc://host:1", "dns:///host:1", "unix:/tmp/socket", "HTTP//host:1", "http:host:1",
		"http://host:0", "http://host:65536", "http://host:port", "http://host:1/path", "http://host:1?q=1",
		"http://host:1?", "http://host:1#f", "http://user:pass@host:1", "http://two words:1", "http://host:1 ",
		"http://[::1:1", "https://[::g]", "http://a,b:1",
	} {
		client, err := Connect(address)
		if err == nil {
			t.Errorf("%q was taken for %v", address, client)
			continue
		}
		for _, form := range []string{"http://HOST:PORT", "https://HOST:PORT"} {
			if !strings.Contains(err.Error(), form) {
				t.Errorf("%q: %v lacks %s", address, err, form)
			}
		}
		if strings.Contains(err.Error(), "pass") {
			t.Errorf("%q: the message shows the password: %v", address, err)
		}
	}
}
