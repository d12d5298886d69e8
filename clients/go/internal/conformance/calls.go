package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// order is a line that was read. Bytes are base64 in JSON.
type order struct {
	ID        json.RawMessage `json:"id"`
	Method    string          `json:"method"`
	Request   []byte          `json:"request"`
	TimeoutMs int64           `json:"timeoutMs"`
}

// result is a line to write.
type result struct {
	ID             json.RawMessage     `json:"id"`
	Headers        map[string][]string `json:"headers,omitempty"`
	Response       *[]byte             `json:"response,omitempty"`
	FirstContentMs *float64            `json:"firstContentMs,omitempty"`
	Events         [][]byte            `json:"events,omitempty"`
	Collected      *[]byte             `json:"collected,omitempty"`
	Error          *failure            `json:"error,omitempty"`
}

type failure struct {
	Code          uint32              `json:"code"`
	Message       string              `json:"message"`
	Details       []byte              `json:"details,omitempty"`
	Trailers      map[string][]string `json:"trailers,omitempty"`
	Reason        string              `json:"reason"`
	RequestID     string              `json:"requestId"`
	RetryDelayMs  *float64            `json:"retryDelayMs,omitempty"`
	Violations    []violation         `json:"violations"`
	Help          string              `json:"help"`
	Attempts      int                 `json:"attempts"`
	OutputStarted bool                `json:"outputStarted"`
	Retryable     bool                `json:"retryable"`
}

type violation struct {
	Field       string `json:"field"`
	Reason      string `json:"reason"`
	Description string `json:"description"`
}

func answer(client *gateway.Client, line []byte) result {
	order := order{ID: json.RawMessage("null")}
	if err := json.Unmarshal(line, &order); err != nil {
		return result{ID: order.ID, Error: told(fmt.Errorf("line: %w", err))}
	}
	ctx, cancel := context.WithCancel(context.Background())
	if order.TimeoutMs > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(order.TimeoutMs)*time.Millisecond)
	}
	defer cancel()
	var header metadata.MD
	answered, err := call(ctx, client, order, grpc.Header(&header))
	answered.ID, answered.Headers = order.ID, readable(header)
	if err != nil {
		answered.Error = told(err)
	}
	return answered
}

func call(ctx context.Context, client *gateway.Client, order order, header grpc.CallOption) (result, error) {
	switch order.Method {
	case "Invoke":
		return unary(order, &gatewayv1.InvokeRequest{}, func(request *gatewayv1.InvokeRequest) (proto.Message, error) {
			return client.Invoke(ctx, request, header)
		})
	case "CountTokens":
		return unary(order, &gatewayv1.CountTokensRequest{}, func(request *gatewayv1.CountTokensRequest) (proto.Message, error) {
			return client.CountTokens(ctx, request, header)
		})
	case "GetModel":
		return unary(order, &gatewayv1.GetModelRequest{}, func(request *gatewayv1.GetModelRequest) (proto.Message, error) {
			model, err := client.GetModel(ctx, request.GetName(), header)
			return &gatewayv1.GetModelResponse{Model: model}, err
		})
	case "ListModels":
		return unary(order, &gatewayv1.ListModelsRequest{}, func(request *gatewayv1.ListModelsRequest) (proto.Message, error) {
			if request.GetPageToken() == "" && request.GetPageSize() == 0 {
				return allModels(ctx, client, header)
			}
			return client.ListModels(ctx, request, header)
		})
	case "InvokeStream":
		return stream(ctx, client, order, header)
	}
	return result{}, fmt.Errorf("method %q is none", order.Method)
}

func unary[Request proto.Message](
	order order, request Request, method func(Request) (proto.Message, error),
) (result, error) {
	if err := proto.Unmarshal(order.Request, request); err != nil {
		return result{}, err
	}
	response, err := method(request)
	if err != nil {
		return result{}, err
	}
	bytes, err := encoded(response)
	return result{Response: bytes}, err
}

func allModels(ctx context.Context, client *gateway.Client, header grpc.CallOption) (proto.Message, error) {
	all := &gatewayv1.ListModelsResponse{}
	for model, err := range client.Models(ctx, header) {
		if err != nil {
			return nil, err
		}
		all.Models = append(all.Models, model)
	}
	return all, nil
}

func stream(ctx context.Context, client *gateway.Client, order order, header grpc.CallOption) (result, error) {
	request := &gatewayv1.InvokeStreamRequest{}
	if err := proto.Unmarshal(order.Request, request); err != nil {
		return result{}, err
	}
	var told result
	var collector gateway.Collector
	start := time.Now()
	for event, err := range client.Stream(ctx, request, header) {
		if err != nil {
			return told, err
		}
		if told.FirstContentMs == nil && (event.GetContentBlockStart() != nil || event.GetContentBlockDelta() != nil) {
			passedMs := time.Since(start).Seconds() * 1000
			told.FirstContentMs = &passedMs
		}
		bytes, err := encoded(event)
		if err != nil {
			return told, err
		}
		told.Events = append(told.Events, *bytes)
		collector.Add(event)
	}
	answer, err := collector.Response()
	if err != nil {
		return told, err
	}
	told.Collected, err = encoded(answer)
	return told, err
}

// encoded is never nil, so that a message without fields is written too.
func encoded(message proto.Message) (*[]byte, error) {
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if bytes == nil {
		bytes = []byte{}
	}
	return &bytes, err
}

// readable is metadata without what is binary.
func readable(all metadata.MD) map[string][]string {
	kept := map[string][]string{}
	for key, values := range all {
		if !strings.HasSuffix(key, "-bin") {
			kept[key] = values
		}
	}
	return kept
}

func told(err error) *failure {
	var failed *gateway.Error
	if !errors.As(err, &failed) {
		return &failure{Code: uint32(codes.Unknown), Message: err.Error(), Violations: []violation{}}
	}
	told := &failure{
		Code:          uint32(failed.Code),
		Message:       failed.Message,
		Trailers:      readable(failed.Trailer),
		Reason:        failed.Reason,
		RequestID:     failed.RequestID,
		Violations:    []violation{},
		Help:          failed.Help,
		Attempts:      len(failed.Attempts()),
		OutputStarted: failed.OutputStarted(),
		Retryable:     failed.Retryable(),
	}
	if status := failed.GRPCStatus().Proto(); len(status.GetDetails()) > 0 {
		if bytes, err := encoded(status); err == nil {
			told.Details = *bytes
		}
	}
	if failed.RetryDelay != nil {
		delayMs := failed.RetryDelay.Seconds() * 1000
		told.RetryDelayMs = &delayMs
	}
	for _, field := range failed.Violations {
		told.Violations = append(told.Violations, violation(field))
	}
	return told
}
