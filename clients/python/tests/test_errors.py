import pickle
from datetime import timedelta
from typing import Any

import grpc
import pytest
from fake import encoded
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2 as rpc

import bedrock_gateway
from bedrock_gateway import GatewayError, v1
from bedrock_gateway.errors import PreconditionViolation, QuotaViolation, from_rpc_error

THROTTLED = grpc.StatusCode.RESOURCE_EXHAUSTED
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


class Ended(grpc.RpcError):
    """What gRPC raises, with the end of the call."""

    def __init__(self, code: grpc.StatusCode, *details: Any, **trailers: str) -> None:
        self._code = code
        found: dict[str, Any] = {key.replace("_", "-"): value for key, value in trailers.items()}
        if details:
            found["grpc-status-details-bin"] = encoded(code, "too much", details)
        self._trailers = tuple(found.items())

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "too much"

    def initial_metadata(self) -> Any:
        return (("x-served-model", "claude"),)

    def trailing_metadata(self) -> Any:
        return self._trailers


def info(**metadata: str) -> rpc.ErrorInfo:
    return rpc.ErrorInfo(reason="UPSTREAM_THROTTLED", domain="bedrock.gateway", metadata=metadata)


def test_details_are_decoded() -> None:
    failure = v1.InvocationFailure(
        metadata=v1.InvocationMetadata(
            attempts=[v1.Attempt(number=1, model="a"), v1.Attempt(number=2, model="b")],
            total_cost=v1.Cost(currency_code="USD", total_nanos=7),
        ),
        output_started=True,
    )

    error = from_rpc_error(
        Ended(
            THROTTLED,
            info(help="docs/errors.md#upstream_throttled", model="b"),
            rpc.RequestInfo(request_id="request-1"),
            rpc.RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)),
            rpc.BadRequest(
                field_violations=[
                    rpc.BadRequest.FieldViolation(
                        field="prompt", reason="REQUIRED", description="is required"
                    )
                ]
            ),
            rpc.QuotaFailure(
                violations=[rpc.QuotaFailure.Violation(subject="you", description="10 per s")]
            ),
            rpc.PreconditionFailure(
                violations=[
                    rpc.PreconditionFailure.Violation(type="T", subject="s", description="d")
                ]
            ),
            failure,
            x_request_id="request-2",
        )
    )

    assert isinstance(error, bedrock_gateway.Throttled)
    assert error.code is THROTTLED
    assert error.reason == "UPSTREAM_THROTTLED"
    assert error.message == "too much"
    assert error.request_id == "request-1"
    assert error.retry_delay == timedelta(seconds=1.5)
    assert error.field_violations == (
        bedrock_gateway.FieldViolation("prompt", "REQUIRED", "is required"),
    )
    assert error.quota_violations == (QuotaViolation("you", "10 per s"),)
    assert error.precondition_violations == (PreconditionViolation("T", "s", "d"),)
    assert error.help == "docs/errors.md#upstream_throttled"
    assert error.metadata["model"] == "b"
    assert error.failure == failure
    assert [attempt.model for attempt in error.attempts] == ["a", "b"]
    assert error.output_started
    assert error.cost == v1.Cost(currency_code="USD", total_nanos=7)
    assert error.headers == {"x-served-model": ("claude",)}
    assert error.trailers == {"x-request-id": ("request-2",)}


def test_failure_without_details_has_empty_ones() -> None:
    error = from_rpc_error(Ended(grpc.StatusCode.INTERNAL))

    assert type(error) is GatewayError
    assert (error.reason, error.request_id, error.help) == ("", "", "")
    assert error.retry_delay is None
    assert (error.field_violations, error.quota_violations, error.attempts) == ((), (), ())
    assert error.failure is None
    assert error.cost is None
    assert not error.output_started


def test_reason_of_somebody_else_is_not_taken_for_one_of_the_gateway() -> None:
    foreign = rpc.ErrorInfo(reason="RATE_LIMITED", domain="proxy.example.com")

    assert from_rpc_error(Ended(THROTTLED, foreign)).reason == ""


def test_details_that_cannot_be_read_do_not_hide_the_failure() -> None:
    error = bedrock_gateway.Unavailable(UNAVAILABLE, "gone", b"\xff\xff")

    assert (error.code, error.message, error.reason) == (UNAVAILABLE, "gone", "")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, bedrock_gateway.InvalidRequest),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, bedrock_gateway.Throttled),
        (grpc.StatusCode.UNAVAILABLE, bedrock_gateway.Unavailable),
        (grpc.StatusCode.DEADLINE_EXCEEDED, bedrock_gateway.DeadlineExceeded),
        (grpc.StatusCode.CANCELLED, bedrock_gateway.Cancelled),
        (grpc.StatusCode.NOT_FOUND, GatewayError),
        (grpc.StatusCode.ABORTED, GatewayError),
    ],
)
def test_class_follows_the_code(code: grpc.StatusCode, kind: type[GatewayError]) -> None:
    assert type(from_rpc_error(Ended(code))) is kind


@pytest.mark.parametrize(
    ("ended", "is_retryable"),
    [
        (Ended(UNAVAILABLE), True),
        (Ended(UNAVAILABLE, grpc_retry_pushback_ms="100"), True),
        (Ended(UNAVAILABLE, grpc_retry_pushback_ms="-1"), False),
        (Ended(THROTTLED, info()), False),
        (Ended(THROTTLED, info(), rpc.RetryInfo(retry_delay=Duration(seconds=1))), True),
        (Ended(THROTTLED, info(), rpc.RetryInfo()), True),
        (Ended(grpc.StatusCode.DEADLINE_EXCEEDED), False),
        (Ended(grpc.StatusCode.INTERNAL), False),
    ],
)
def test_retryable_is_what_names_a_delay_or_is_unavailable(
    ended: Ended, is_retryable: bool
) -> None:
    assert from_rpc_error(ended).is_retryable is is_retryable


def test_text_has_code_reason_message_and_request_and_nothing_else() -> None:
    known = Ended(THROTTLED, info(secret="s3cret"), x_request_id="request-2")
    error = from_rpc_error(known)

    assert str(error) == "RESOURCE_EXHAUSTED (UPSTREAM_THROTTLED): too much [request request-2]"
    assert "s3cret" not in repr(error)
    assert str(from_rpc_error(Ended(UNAVAILABLE))) == "UNAVAILABLE: too much"


def test_error_survives_pickling() -> None:
    error = from_rpc_error(Ended(THROTTLED, info(), x_request_id="request-2"))

    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert (str(copy), copy.trailers) == (str(error), error.trailers)
