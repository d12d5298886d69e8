"""How calls fail: one exception, with everything that the gateway says about a failure.

Decide by `reason`, whose values and meaning are listed in docs/errors.md, or by the class; never by
the message. No error repeats a prompt, an answer or a credential.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Self, cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    PreconditionFailure,
    QuotaFailure,
    RequestInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status

from bedrock.gateway.v1.results_pb2 import Attempt, Cost, InvocationFailure
from bedrock_gateway._metadata import Headers, headers

_DOMAIN: Final = "bedrock.gateway"
_DETAILS: Final = "grpc-status-details-bin"
_PUSHBACK: Final = "grpc-retry-pushback-ms"
_REQUEST_ID: Final = "x-request-id"

_NONE: Final[Headers] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field of the request that breaks a rule."""

    field: str
    """Its path, such as `messages[2].content[0].image.mime_type`."""

    reason: str
    """The rule that is broken, for programs, such as `REQUIRED`."""

    description: str
    """What is wrong and what is allowed, for people, in English."""


@dataclass(frozen=True, slots=True)
class QuotaViolation:
    """A limit that was exceeded."""

    subject: str
    """Whose limit it is."""

    description: str
    """Which limit it is, for people, in English."""


@dataclass(frozen=True, slots=True)
class PreconditionViolation:
    """Something to be mended before the request can succeed."""

    type: str
    """What it is, for programs: the reason."""

    subject: str
    """What it is about."""

    description: str
    """What has to be mended, for people, in English."""


class GatewayError(Exception):
    """A call that failed.

    The subclasses are there for callers to branch; all others come as this class.
    """

    code: grpc.StatusCode
    """The gRPC status code."""

    message: str
    """What happened, for people, in English. Not stable."""

    reason: str
    """The name of an `ErrorReason` without its prefix, such as `UPSTREAM_THROTTLED`.

    Empty if the failure did not come from a gateway, for example if none could be reached.
    """

    request_id: str
    """What finds the call in the gateway's log. Empty if no gateway answered."""

    retry_delay: timedelta | None
    """How long to wait before the same request may succeed. None if waiting does not help."""

    field_violations: tuple[FieldViolation, ...]
    """Every field of the request that breaks a rule."""

    quota_violations: tuple[QuotaViolation, ...]
    """The limits that were exceeded."""

    precondition_violations: tuple[PreconditionViolation, ...]
    """What has to be mended before the request can succeed."""

    metadata: Mapping[str, str]
    """Facts about the failure by name, such as `model`, `region` and `upstreamError`."""

    failure: InvocationFailure | None
    """What was tried, as the gateway sent it. None if no model was called or passed over."""

    headers: Headers
    """Headers of the answer, if it had begun."""

    trailers: Headers
    """Trailers of the answer."""

    status_details: bytes
    """The encoded `google.rpc.Status`, with details that this version may not know."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        status_details: bytes = b"",
        headers: Headers = _NONE,
        trailers: Headers = _NONE,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status_details = status_details
        self.headers = headers
        self.trailers = trailers
        details = _Details(status_details)
        info = details.info
        self.reason = info.reason
        self.metadata = MappingProxyType(dict(info.metadata))
        self.request_id = details.request_id or _first(trailers, headers, key=_REQUEST_ID)
        self.retry_delay = details.retry_delay
        self.field_violations = details.field_violations
        self.quota_violations = details.quota_violations
        self.precondition_violations = details.precondition_violations
        self.failure = details.failure

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may succeed later, after `retry_delay` if there is one.

        The client has already repeated what its service config allows.
        """
        if self.retry_delay is not None:
            return True
        is_refused = _first(self.trailers, key=_PUSHBACK).startswith("-")
        return self.code is grpc.StatusCode.UNAVAILABLE and not is_refused

    @property
    def help(self) -> str:
        """The section of the project's documentation that says what to do. May be empty."""
        return self.metadata.get("help", "")

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt in order, with model, reason, time, tokens and cost.

        Skipped models are included; of many attempts, the oldest may be left out.
        """
        return tuple(self.failure.metadata.attempts) if self.failure else ()

    @property
    def output_started(self) -> bool:
        """Whether content had already been sent on the stream."""
        return self.failure is not None and self.failure.output_started

    @property
    def cost(self) -> Cost | None:
        """Estimated price of all attempts that reported their tokens. None if it is not known."""
        if self.failure is None or not self.failure.metadata.HasField("total_cost"):
            return None
        return self.failure.metadata.total_cost

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        parts = (self.code, self.message, self.status_details)
        return type(self), (*parts, dict(self.headers), dict(self.trailers))

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        request = f" [request {self.request_id}]" if self.request_id else ""
        return f"{self.code.name}{reason}: {self.message}{request}"

    def __repr__(self) -> str:
        facts = f"reason={self.reason!r}, request_id={self.request_id!r}"
        return f"{type(self).__name__}(code={self.code.name}, {facts})"


class InvalidRequest(GatewayError):
    """INVALID_ARGUMENT: the request has to be changed. `field_violations` says where."""


class Throttled(GatewayError):
    """RESOURCE_EXHAUSTED: a limit was exceeded. `retry_delay` says how long to wait."""


class Unavailable(GatewayError):
    """UNAVAILABLE: the gateway could not be reached, or no model could answer for now."""


class DeadlineExceeded(GatewayError):
    """DEADLINE_EXCEEDED: the call or its last attempt took too long. It may have been billed."""


class Cancelled(GatewayError):
    """CANCELLED: the call was ended from this side."""


_CLASSES: Final[Mapping[grpc.StatusCode, type[GatewayError]]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Throttled,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.CANCELLED: Cancelled,
}


def from_rpc_error(error: grpc.RpcError) -> GatewayError:
    """The typed error of what gRPC raises, from either of its interfaces."""
    # Every error that a call ends with is also the call.
    call = cast("grpc.Call", error)
    code = call.code()
    trailing = tuple(call.trailing_metadata() or ())
    details = next((value for key, value in trailing if key == _DETAILS), b"")
    return _CLASSES.get(code, GatewayError)(
        code,
        call.details() or "",
        details if isinstance(details, bytes) else b"",
        headers(call.initial_metadata()),
        headers(trailing),
    )


def incomplete() -> GatewayError:
    """The error of a stream that seemed to end well, but without its last event."""
    message = "the answer is not complete: the last event of the stream has not come"
    return GatewayError(grpc.StatusCode.DATA_LOSS, message)


class _Details:
    """What stands in a `google.rpc.Status`. What cannot be read is taken as not there."""

    def __init__(self, encoded: bytes) -> None:
        self.info = ErrorInfo()
        self.request_id = ""
        self.retry_delay: timedelta | None = None
        self.field_violations: tuple[FieldViolation, ...] = ()
        self.quota_violations: tuple[QuotaViolation, ...] = ()
        self.precondition_violations: tuple[PreconditionViolation, ...] = ()
        self.failure: InvocationFailure | None = None
        try:
            for detail in Status.FromString(encoded).details:
                self._take(detail.TypeName(), detail.value)
        except DecodeError:
            pass

    def _take(self, name: str, value: bytes) -> None:
        match name:
            case "google.rpc.ErrorInfo":
                info = ErrorInfo.FromString(value)
                if info.domain == _DOMAIN:
                    self.info = info
            case "google.rpc.RequestInfo":
                self.request_id = RequestInfo.FromString(value).request_id
            case "google.rpc.RetryInfo":
                self.retry_delay = RetryInfo.FromString(value).retry_delay.ToTimedelta()
            case "google.rpc.BadRequest":
                self.field_violations = tuple(
                    FieldViolation(found.field, found.reason, found.description)
                    for found in BadRequest.FromString(value).field_violations
                )
            case "google.rpc.QuotaFailure":
                self.quota_violations = tuple(
                    QuotaViolation(found.subject, found.description)
                    for found in QuotaFailure.FromString(value).violations
                )
            case "google.rpc.PreconditionFailure":
                self.precondition_violations = tuple(
                    PreconditionViolation(found.type, found.subject, found.description)
                    for found in PreconditionFailure.FromString(value).violations
                )
            case "bedrock.gateway.v1.InvocationFailure":
                self.failure = InvocationFailure.FromString(value)
            case _:
                pass


def _first(*places: Headers, key: str) -> str:
    values: Iterable[str] = (value for place in places for value in place.get(key, ()))
    return next(iter(values), "")
