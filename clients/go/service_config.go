package gateway

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The one file for all languages, clients/service_config.json; a test compares them.
//
//go:embed service_config.json
var serviceConfigFile []byte

// otherTimeout limits calls of methods that service_config.json does not name: the health service.
const otherTimeout = 10 * time.Second

// serviceConfig is the file in the two parts in which it is used: grpc-go obeys the rules, this package sets the
// timeouts. grpc-go would take the shorter of a timeout in its rules and the caller's deadline, so that no caller could
// wait longer.
type serviceConfig struct {
	rules    string
	timeouts map[string]time.Duration // by "service/method" and "service/"
}

func readServiceConfig(file []byte) (serviceConfig, error) {
	var whole map[string]any
	var parts struct {
		MethodConfig []struct {
			Name    []struct{ Service, Method string }
			Timeout string
		}
	}
	if err := json.Unmarshal(file, &whole); err != nil {
		return serviceConfig{}, fmt.Errorf("service_config.json: %w", err)
	}
	if err := json.Unmarshal(file, &parts); err != nil {
		return serviceConfig{}, fmt.Errorf("service_config.json: %w", err)
	}
	timeouts := map[string]time.Duration{}
	for _, methods := range parts.MethodConfig {
		timeout, err := time.ParseDuration(methods.Timeout)
		if err != nil {
			return serviceConfig{}, fmt.Errorf("service_config.json: timeout: %w", err)
		}
		for _, name := range methods.Name {
			timeouts[name.Service+"/"+name.Method] = timeout
		}
	}
	methods, _ := whole["methodConfig"].([]any)
	for _, method := range methods {
		if members, ok := method.(map[string]any); ok {
			delete(members, "timeout")
		}
	}
	rules, err := json.Marshal(whole)
	if err != nil {
		return serviceConfig{}, fmt.Errorf("service_config.json: %w", err)
	}
	return serviceConfig{rules: string(rules), timeouts: timeouts}, nil
}

// timeout of a method, by its full name: /service/method.
func (c serviceConfig) timeout(fullMethod string) time.Duration {
	name := strings.TrimPrefix(fullMethod, "/")
	if timeout, ok := c.timeouts[name]; ok {
		return timeout
	}
	service, _, _ := strings.Cut(name, "/")
	if timeout, ok := c.timeouts[service+"/"]; ok {
		return timeout
	}
	return otherTimeout
}
