package gateway

import (
	"context"
	"iter"
	"slices"
	"time"

	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// Names for [Client.Health].
const (
	// HealthOfInference is healthy while credentials were found, a model can be tried, and the gateway does not drain.
	HealthOfInference = "bedrock.gateway.v1.InferenceService"
	// HealthOfModels is healthy while the gateway does not drain.
	HealthOfModels = "bedrock.gateway.v1.ModelService"
	// HealthOfProcess is healthy while the gateway runs, also while it drains.
	HealthOfProcess = "liveness"
)

// Prompt makes the smallest request: one text, for whichever model comes first.
func Prompt(text string) *gatewayv1.InvokeRequest {
	return &gatewayv1.InvokeRequest{Prompt: text}
}

// Invoke runs one turn of a conversation and returns the finished message. It is not idempotent: each call may be
// billed. Message and metadata of the answer are always there; the stop reason says whether it is complete, and
// [gatewayv1.InvocationMetadata] which model answered, what was tried, tokens and cost.
//
// # Errors
//
// An [*Error] of any code but ABORTED.
func (c *Client) Invoke(
	ctx context.Context, request *gatewayv1.InvokeRequest, options ...grpc.CallOption,
) (*gatewayv1.InvokeResponse, error) {
	return call(ctx, c, c.timeouts.Invoke, c.inference.Invoke, request, options)
}

// CountTokens counts the input tokens that a request would use, without running a model. The model that is named
// answers, or the first that can if none is; there is no fallback.
//
// # Errors
//
// An [*Error]; FAILED_PRECONDITION with the reason CAPABILITY_UNSUPPORTED if the model cannot count.
func (c *Client) CountTokens(
	ctx context.Context, request *gatewayv1.CountTokensRequest, options ...grpc.CallOption,
) (*gatewayv1.CountTokensResponse, error) {
	return call(ctx, c, c.timeouts.CountTokens, c.inference.CountTokens, request, options)
}

// Models lists all models of the registry in the order in which the gateway tries them, those that cannot be called
// included. Pages are asked for as they are needed; each iteration begins anew. The first error ends it.
//
// # Errors
//
// An [*Error] in place of a model.
func (c *Client) Models(ctx context.Context, options ...grpc.CallOption) iter.Seq2[*gatewayv1.Model, error] {
	return func(yield func(*gatewayv1.Model, error) bool) {
		request := &gatewayv1.ListModelsRequest{}
		for {
			page, err := c.ListModels(ctx, request, options...)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, model := range page.GetModels() {
				if !yield(model, nil) {
					return
				}
			}
			if page.GetNextPageToken() == "" {
				return
			}
			request = &gatewayv1.ListModelsRequest{PageToken: page.GetNextPageToken()}
		}
	}
}

// ListModels gives one page of models: at most 100 if the request has no page size, never more than 1000. [Client.Models]
// gives all.
//
// # Errors
//
// An [*Error]; INVALID_ARGUMENT if the page size is negative or the token is not one.
func (c *Client) ListModels(
	ctx context.Context, request *gatewayv1.ListModelsRequest, options ...grpc.CallOption,
) (*gatewayv1.ListModelsResponse, error) {
	return call(ctx, c, c.timeouts.Models, c.models.ListModels, request, options)
}

// GetModel describes the model of this name or alias.
//
// # Errors
//
// An [*Error]; NOT_FOUND with the reason MODEL_NOT_FOUND if there is none.
func (c *Client) GetModel(ctx context.Context, name string, options ...grpc.CallOption) (*gatewayv1.Model, error) {
	request := &gatewayv1.GetModelRequest{Name: name}
	answer, err := call(ctx, c, c.timeouts.Models, c.models.GetModel, request, options)
	return answer.GetModel(), err
}

// Health says whether a service of the gateway serves: [HealthOfInference], [HealthOfModels], [HealthOfProcess],
// "models/NAME" for one model, or "" for the gateway as a whole. It never makes a call that is billed.
//
// # Errors
//
// An [*Error]; NOT_FOUND if there is no service of that name.
func (c *Client) Health(ctx context.Context, service string, options ...grpc.CallOption) (bool, error) {
	request := &healthv1.HealthCheckRequest{Service: service}
	answer, err := call(ctx, c, c.timeouts.Health, c.health.Check, request, options)
	return answer.GetStatus() == healthv1.HealthCheckResponse_SERVING, err
}

func call[Request, Answer any](
	ctx context.Context, client *Client, timeout time.Duration,
	method func(context.Context, *Request, ...grpc.CallOption) (*Answer, error),
	request *Request, options []grpc.CallOption,
) (*Answer, error) {
	ctx, cancel, err := client.begin(ctx, timeout)
	if err != nil {
		return nil, err
	}
	defer cancel()
	var header, trailer metadata.MD
	answer, err := method(ctx, request, slices.Concat(options, []grpc.CallOption{
		grpc.Header(&header), grpc.Trailer(&trailer),
	})...)
	if err != nil {
		return nil, newError(ctx, err, header, trailer)
	}
	return answer, nil
}
