package gateway

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// errAddress says both forms an address may have. It does not repeat what was given, which may hold a password.
var errAddress = errors.New("address of the gateway has to be http://HOST:PORT for plain text, or https://HOST or " +
	"https://HOST:PORT for TLS, without user, path or query")

// endpoint is an address that was understood.
type endpoint struct {
	target string // for grpc.NewClient
	shown  string // for people
	isTLS  bool
}

// parseAddress understands http://HOST:PORT and https://HOST[:PORT]; a lone slash may follow.
func parseAddress(address string) (endpoint, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return endpoint{}, errAddress
	}
	isTLS := parsed.Scheme == "https"
	port := parsed.Port()
	if isTLS && !strings.HasSuffix(parsed.Host, ":"+port) {
		port = "443"
	}
	bare := url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path}
	switch {
	case parsed.Scheme != "http" && !isTLS,
		bare.String() != address,
		parsed.Path != "" && parsed.Path != "/",
		!isHost(parsed.Hostname()),
		!isPort(port):
		return endpoint{}, errAddress
	}
	authority := net.JoinHostPort(parsed.Hostname(), port)
	return endpoint{
		target: "dns:///" + authority,
		shown:  parsed.Scheme + "://" + authority,
		isTLS:  isTLS,
	}, nil
}

// isHost says whether this is an IP address, or a name that DNS can have.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	for _, letter := range []byte(host) {
		switch {
		case 'a' <= letter && letter <= 'z', 'A' <= letter && letter <= 'Z', '0' <= letter && letter <= '9':
		case letter == '.', letter == '-', letter == '_':
		default:
			return false
		}
	}
	return host != ""
}

func isPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && number > 0
}
