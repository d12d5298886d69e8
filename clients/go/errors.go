package gateway

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// errorDomain is that of all reasons of the gateway; reasons of others, such as proxies, are not told.
const errorDomain = "bedrock.gateway"

// Error is how a call failed. Decide by Reason, then by Code; the message is for people. status.FromError and status.Code
// of grpc-go understand it. errors.Is finds context.Canceled in it if the call was cancelled, and
// context.DeadlineExceeded if its deadline passed.
type Error struct {
	// Code of the gRPC status.
	Code codes.Code
	// Reason is the name of a [gatewayv1.ErrorReason] without its prefix, such as "UPSTREAM_THROTTLED". Empty if the
	// gateway did not say, because it was not reached, for instance.
	Reason string
	// Message is for people, in English, and not stable. It has nothing of prompts, answers or secrets.
	Message string
	// RequestID is what the gateway calls this call, in its log too. Empty if it is not known.
	RequestID string
	// RetryDelay is how long to wait before the same request may succeed. Nil if waiting does not help.
	RetryDelay *time.Duration
	// Violations are the fields of the request that are at fault, all of them.
	Violations []Violation
	// QuotaViolations are the limits of the gateway that were exceeded.
	QuotaViolations []QuotaViolation
	// Help is the place in the documentation of the project that says what to do, such as
	// "docs/errors.md#upstream_throttled".
	Help string
	// Metadata are facts of the message, for programs: model, region, upstreamError, upstreamRequestId, attempts, …
	Metadata map[string]string
	// Failure is what was tried, with tokens and cost, and whether content was sent before. Nil if nothing was.
	Failure *gatewayv1.InvocationFailure
	// Trailer is the metadata that came with the status.
	Trailer metadata.MD

	status *status.Status
	cause  error
}

// Violation is a field at fault.
type Violation struct {
	// Field is its path, such as "messages[2].content[0].image.mime_type".
	Field string
	// Reason is for programs, such as "REQUIRED".
	Reason string
	// Description is for people, in English.
	Description string
}

// QuotaViolation is a limit that was exceeded.
type QuotaViolation struct {
	// Subject is whose limit it is.
	Subject string
	// Description is for people, in English.
	Description string
}

// Error tells code, reason, message and request id.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(codeName(e.Code))
	if e.Reason != "" {
		text.WriteString(" (" + e.Reason + ")")
	}
	text.WriteString(": " + e.Message)
	if e.RequestID != "" {
		text.WriteString(" [request " + e.RequestID + "]")
	}
	return text.String()
}

// Unwrap is what failed in this program, such as the function of [WithMetadataFunc]. Nil if the gateway or the way to it
// failed.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is find context.Canceled and context.DeadlineExceeded.
func (e *Error) Is(target error) bool {
	switch target {
	case context.Canceled:
		return e.Code == codes.Canceled
	case context.DeadlineExceeded:
		return e.Code == codes.DeadlineExceeded &&
			(e.Reason == "" || e.ErrorReason() == gatewayv1.ErrorReason_ERROR_REASON_DEADLINE_EXCEEDED)
	}
	return false
}

// GRPCStatus is the status with its details.
func (e *Error) GRPCStatus() *status.Status {
	if e.status == nil {
		return status.New(e.Code, e.Message)
	}
	return e.status
}

// ErrorReason is Reason as a constant of the API, ERROR_REASON_UNSPECIFIED if this version does not know it.
func (e *Error) ErrorReason() gatewayv1.ErrorReason {
	return gatewayv1.ErrorReason(gatewayv1.ErrorReason_value["ERROR_REASON_"+e.Reason])
}

// Retryable says whether the same request may succeed later: after RetryDelay if there is one, else after a pause of the
// caller's choice. Each try may be billed.
func (e *Error) Retryable() bool {
	return e.RetryDelay != nil || e.Code == codes.Unavailable && !forbidsRetry(e.Trailer)
}

// Attempts are what was tried, in order, models that were passed over included. Empty if nothing was.
func (e *Error) Attempts() []*gatewayv1.Attempt {
	return e.Failure.GetMetadata().GetAttempts()
}

// OutputStarted says whether content had been sent before the call failed.
func (e *Error) OutputStarted() bool { return e.Failure.GetOutputStarted() }

// Cost is the estimated price of all attempts that reported usage. Nil if it is not known.
func (e *Error) Cost() *gatewayv1.Cost { return e.Failure.GetMetadata().GetTotalCost() }

// newError reads what a call of grpc-go failed with.
func newError(ctx context.Context, err error, header, trailer metadata.MD) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	failed := status.Convert(err)
	result := &Error{
		Code:    failed.Code(),
		Message: failed.Message(),
		Trailer: trailer,
		status:  failed,
	}
	for _, detail := range failed.Details() {
		result.read(detail)
	}
	result.RequestID = cmp.Or(result.RequestID, requestID(ctx, header, trailer))
	return result
}

// requestID is the one that the gateway told, or else the one that the caller chose.
func requestID(ctx context.Context, header, trailer metadata.MD) string {
	sent, _ := metadata.FromOutgoingContext(ctx)
	for _, known := range []metadata.MD{trailer, header, sent} {
		if ids := known.Get("x-request-id"); len(ids) > 0 {
			return ids[0]
		}
	}
	return ""
}

func (e *Error) read(detail any) {
	switch detail := detail.(type) {
	case *errdetails.ErrorInfo:
		if detail.GetDomain() == errorDomain {
			e.Reason, e.Metadata, e.Help = detail.GetReason(), detail.GetMetadata(), detail.GetMetadata()["help"]
		}
	case *errdetails.RequestInfo:
		e.RequestID = detail.GetRequestId()
	case *errdetails.RetryInfo:
		delay := detail.GetRetryDelay().AsDuration()
		e.RetryDelay = &delay
	case *errdetails.BadRequest:
		for _, violation := range detail.GetFieldViolations() {
			e.Violations = append(e.Violations, Violation{
				Field:       violation.GetField(),
				Reason:      violation.GetReason(),
				Description: violation.GetDescription(),
			})
		}
	case *errdetails.QuotaFailure:
		for _, violation := range detail.GetViolations() {
			e.QuotaViolations = append(e.QuotaViolations, QuotaViolation{
				Subject:     violation.GetSubject(),
				Description: violation.GetDescription(),
			})
		}
	case *gatewayv1.InvocationFailure:
		e.Failure = detail
	}
}

// forbidsRetry says whether the gateway asks not to try again, as gRFC A6 has it: by a pushback that is negative or no
// number.
func forbidsRetry(trailer metadata.MD) bool {
	pushback := trailer.Get("grpc-retry-pushback-ms")
	if len(pushback) == 0 {
		return false
	}
	delayMs, err := strconv.ParseInt(pushback[0], 10, 32)
	return err != nil || delayMs < 0
}

// codeName is the name that all languages have for a code, such as RESOURCE_EXHAUSTED.
func codeName(value codes.Code) string {
	return code.Code(value).String()
}
