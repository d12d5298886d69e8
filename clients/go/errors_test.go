package gateway

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

// failed is the error of a call that ended with this.
func failed(t *testing.T, code codes.Code, trailer metadata.MD, details ...protoadapt.MessageV1) *Error {
	t.Helper()
	told, err := status.New(code, "what happened").WithDetails(details...)
	if err != nil {
		t.Fatal(err)
	}
	var result *Error
	if !errors.As(fmt.Errorf("wrapped: %w", newError(t.Context(), told.Err(), nil, trailer)), &result) {
		t.Fatal("is no *Error")
	}
	return result
}

func TestAllDetailsAreDecoded(t *testing.T) {
	failure := &gatewayv1.InvocationFailure{OutputStarted: true, Metadata: &gatewayv1.InvocationMetadata{
		Attempts:  []*gatewayv1.Attempt{{Number: 1, Model: "m"}, {Number: 2, Model: "n"}},
		TotalCost: &gatewayv1.Cost{CurrencyCode: "USD", TotalNanos: 5},
	}}

	got := failed(t, codes.ResourceExhausted, metadata.Pairs("x-served-model", "m"),
		&errdetails.ErrorInfo{
			Domain: "bedrock.gateway", Reason: "UPSTREAM_THROTTLED",
			Metadata: map[string]string{"help": "docs/errors.md#upstream_throttled", "model": "m"},
		},
		&errdetails.RequestInfo{RequestId: "id"},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "prompt", Reason: "REQUIRED", Description: "is required"}, {Field: "model"},
		}},
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: "s", Description: "d"}}},
		failure,
	)

	want := &Error{
		Code: codes.ResourceExhausted, Reason: "UPSTREAM_THROTTLED", Message: "what happened", RequestID: "id",
		RetryDelay: got.RetryDelay, Help: "docs/errors.md#upstream_throttled",
		Violations:      []Violation{{"prompt", "REQUIRED", "is required"}, {Field: "model"}},
		QuotaViolations: []QuotaViolation{{"s", "d"}},
		Metadata:        map[string]string{"help": "docs/errors.md#upstream_throttled", "model": "m"},
		Failure:         got.Failure, Trailer: metadata.Pairs("x-served-model", "m"), status: got.status,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got.RetryDelay == nil || *got.RetryDelay != 1500*time.Millisecond {
		t.Errorf("retry delay %v", got.RetryDelay)
	}
	if len(got.Attempts()) != 2 || !got.OutputStarted() || got.Cost().GetTotalNanos() != 5 {
		t.Errorf("failure %v", got.Failure)
	}
	if got.ErrorReason() != gatewayv1.ErrorReason_ERROR_REASON_UPSTREAM_THROTTLED {
		t.Errorf("reason %v", got.ErrorReason())
	}
	if told := status.Convert(got); told.Code() != codes.ResourceExhausted || len(told.Details()) != 6 {
		t.Errorf("status %v", told)
	}
	if want := "RESOURCE_EXHAUSTED (UPSTREAM_THROTTLED): what happened [request id]"; got.Error() != want {
		t.Errorf("got %s", got)
	}
}

func TestErrorWithoutDetailsIsToldByItsCode(t *testing.T) {
	got := failed(t, codes.Unavailable, nil)

	if got.Error() != "UNAVAILABLE: what happened" || got.Reason != "" || got.RetryDelay != nil || got.Attempts() != nil ||
		got.OutputStarted() || got.Cost() != nil || got.ErrorReason() != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestReasonsOfOthersAreNotTold(t *testing.T) {
	got := failed(t, codes.Unavailable, nil, &errdetails.ErrorInfo{Domain: "proxy.example", Reason: "UPSTREAM_THROTTLED"})

	if got.Reason != "" || got.Metadata != nil {
		t.Errorf("got %+v", got)
	}
}

func TestRequestIDIsTakenFromWhereItIs(t *testing.T) {
	sent := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "sent")
	header := metadata.Pairs("x-request-id", "header")
	trailer := metadata.Pairs("x-request-id", "trailer")
	for want, of := range map[string]struct {
		ctx             context.Context
		header, trailer metadata.MD
	}{
		"trailer": {sent, header, trailer}, "header": {sent, header, nil}, "sent": {sent, nil, nil}, "": {t.Context(), nil, nil},
	} {
		var got *Error
		if !errors.As(newError(of.ctx, status.Error(codes.DeadlineExceeded, ""), of.header, of.trailer), &got) ||
			got.RequestID != want {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

func TestWhatMaySucceedLaterIsRetryable(t *testing.T) {
	info := &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}
	pushback := func(value string) metadata.MD { return metadata.Pairs("grpc-retry-pushback-ms", value) }
	for name, test := range map[string]struct {
		err  *Error
		want bool
	}{
		"throttled, with a delay":           {failed(t, codes.ResourceExhausted, nil, info), true},
		"throttled, without a delay":        {failed(t, codes.ResourceExhausted, nil), false},
		"unavailable":                       {failed(t, codes.Unavailable, nil), true},
		"unavailable, later":                {failed(t, codes.Unavailable, pushback("1000")), true},
		"unavailable, never":                {failed(t, codes.Unavailable, pushback("-1")), false},
		"unavailable, pushback is no count": {failed(t, codes.Unavailable, pushback("soon")), false},
		"unavailable, with a delay":         {failed(t, codes.Unavailable, pushback("-1"), info), true},
		"invalid":                           {failed(t, codes.InvalidArgument, nil), false},
		"incomplete":                        {ErrIncomplete.(*Error), false},
	} {
		if test.err.Retryable() != test.want {
			t.Errorf("%s: got %v", name, !test.want)
		}
	}
}

func TestErrorsOfContextsAreFound(t *testing.T) {
	deadline := failed(t, codes.DeadlineExceeded, nil)
	told := failed(t, codes.DeadlineExceeded, nil, &errdetails.ErrorInfo{Domain: errorDomain, Reason: "DEADLINE_EXCEEDED"})
	attempt := failed(t, codes.DeadlineExceeded, nil, &errdetails.ErrorInfo{Domain: errorDomain, Reason: "ATTEMPT_TIMEOUT"})
	cancelled := failed(t, codes.Canceled, nil)

	if !errors.Is(deadline, context.DeadlineExceeded) || !errors.Is(told, context.DeadlineExceeded) {
		t.Error("the deadline is not found")
	}
	if errors.Is(attempt, context.DeadlineExceeded) {
		t.Error("the limit of an attempt is taken for the caller's deadline")
	}
	if !errors.Is(cancelled, context.Canceled) || errors.Is(cancelled, context.DeadlineExceeded) {
		t.Error("cancelling is not found")
	}
}
