package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Option is a choice for [Connect]. The options show nothing of what they hold when printed.
type Option func(*options)

type options struct {
	timeouts    Timeouts
	metadata    metadata.MD
	metadataOf  []func(context.Context) (metadata.MD, error)
	caFile      string
	certificate string
	key         string
	tlsChosen   bool
	dial        []grpc.DialOption
	problems    []error
}

// Timeouts limit calls whose context has no deadline. A value that is zero means the one of service_config.json.
type Timeouts struct {
	// Invoke limits [Client.Invoke]: 120 seconds if zero.
	Invoke time.Duration
	// Stream limits [Client.Stream], from the first event to the last: 600 seconds if zero.
	Stream time.Duration
	// CountTokens limits [Client.CountTokens]: 10 seconds if zero.
	CountTokens time.Duration
	// Models limits [Client.GetModel], [Client.ListModels], and each page of [Client.Models]: 10 seconds if zero.
	Models time.Duration
	// Health limits [Client.Health]: 10 seconds if zero.
	Health time.Duration
}

// WithTimeouts limits calls whose context has no deadline. Negative values are refused.
func WithTimeouts(timeouts Timeouts) Option {
	return func(o *options) {
		o.timeouts = timeouts
		for name, value := range map[string]time.Duration{
			"Invoke": timeouts.Invoke, "Stream": timeouts.Stream, "CountTokens": timeouts.CountTokens,
			"Models": timeouts.Models, "Health": timeouts.Health,
		} {
			if value < 0 {
				o.problems = append(o.problems, fmt.Errorf("timeout %s has to be positive, or zero for the default", name))
			}
		}
	}
}

// WithMetadata sends metadata with every call, for instance "authorization". It may be given several times; values of
// the same key are all sent. Keys are ASCII letters, digits and "-_.", values printable ASCII; of keys that end in "-bin",
// any bytes.
func WithMetadata(key string, values ...string) Option {
	return func(o *options) {
		if problem := checkMetadata(key, values); problem != nil {
			o.problems = append(o.problems, problem)
			return
		}
		o.metadata.Append(key, values...)
	}
}

// WithMetadataFunc asks a function for metadata before every call, for instance for a token that is renewed. An error
// ends the call with UNAUTHENTICATED; its text is not repeated, but errors.Unwrap has it.
func WithMetadataFunc(function func(context.Context) (metadata.MD, error)) Option {
	return func(o *options) { o.metadataOf = append(o.metadataOf, function) }
}

// WithCAFile trusts the certificates of this PEM file instead of the system's. Only for https.
func WithCAFile(path string) Option {
	return func(o *options) { o.caFile, o.tlsChosen = path, true }
}

// WithClientCertificate shows this certificate, with the chain behind it, to the gateway. Both files are PEM. Only for
// https.
func WithClientCertificate(certificateFile, keyFile string) Option {
	return func(o *options) { o.certificate, o.key, o.tlsChosen = certificateFile, keyFile, true }
}

// WithDialOptions hands options to grpc-go, for instance a stats handler for OpenTelemetry or interceptors. They come
// last, so they can replace what this package chose.
func WithDialOptions(dial ...grpc.DialOption) Option {
	return func(o *options) { o.dial = append(o.dial, dial...) }
}

func checkMetadata(key string, values []string) error {
	lower := strings.ToLower(key)
	isKey := lower != ""
	for _, letter := range []byte(lower) {
		isKey = isKey && strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789-_.", letter) >= 0
	}
	if !isKey {
		return fmt.Errorf("metadata key %q has to consist of ASCII letters, digits, and any of -_. only", key)
	}
	if strings.HasPrefix(lower, "grpc-") {
		return fmt.Errorf("metadata key %q is reserved: keys may not begin with grpc-", key)
	}
	if strings.HasSuffix(lower, "-bin") {
		return nil
	}
	for _, value := range values {
		for _, letter := range []byte(value) {
			if letter < ' ' || letter > '~' {
				return fmt.Errorf("value of metadata %q has to be printable ASCII; keys that end in -bin take any bytes", key)
			}
		}
	}
	return nil
}

// tlsConfig reads the files. All problems are told at once.
func (o *options) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	var problems []error
	if o.caFile != "" {
		config.RootCAs = x509.NewCertPool()
		pem, err := os.ReadFile(o.caFile)
		if err != nil {
			problems = append(problems, fmt.Errorf("CA file: %w", err))
		} else if !config.RootCAs.AppendCertsFromPEM(pem) {
			problems = append(problems, fmt.Errorf("CA file %s has no certificate in PEM", o.caFile))
		}
	}
	if o.certificate != "" || o.key != "" {
		pair, err := tls.LoadX509KeyPair(o.certificate, o.key)
		if err != nil {
			problems = append(problems, fmt.Errorf("client certificate %s with key %s: %w", o.certificate, o.key, err))
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, errors.Join(problems...)
}
