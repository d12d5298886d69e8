import datetime

from bedrock.gateway.v1 import errors_pb2 as _errors_pb2
from bedrock.gateway.v1 import guardrail_trace_pb2 as _guardrail_trace_pb2
from bedrock.gateway.v1 import parameters_pb2 as _parameters_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StopReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STOP_REASON_UNSPECIFIED: _ClassVar[StopReason]
    STOP_REASON_END_TURN: _ClassVar[StopReason]
    STOP_REASON_TOOL_USE: _ClassVar[StopReason]
    STOP_REASON_MAX_TOKENS: _ClassVar[StopReason]
    STOP_REASON_STOP_SEQUENCE: _ClassVar[StopReason]
    STOP_REASON_GUARDRAIL_INTERVENED: _ClassVar[StopReason]
    STOP_REASON_CONTENT_FILTERED: _ClassVar[StopReason]
    STOP_REASON_MALFORMED_MODEL_OUTPUT: _ClassVar[StopReason]
    STOP_REASON_MALFORMED_TOOL_USE: _ClassVar[StopReason]
    STOP_REASON_MODEL_CONTEXT_WINDOW_EXCEEDED: _ClassVar[StopReason]
    STOP_REASON_OTHER: _ClassVar[StopReason]
STOP_REASON_UNSPECIFIED: StopReason
STOP_REASON_END_TURN: StopReason
STOP_REASON_TOOL_USE: StopReason
STOP_REASON_MAX_TOKENS: StopReason
STOP_REASON_STOP_SEQUENCE: StopReason
STOP_REASON_GUARDRAIL_INTERVENED: StopReason
STOP_REASON_CONTENT_FILTERED: StopReason
STOP_REASON_MALFORMED_MODEL_OUTPUT: StopReason
STOP_REASON_MALFORMED_TOOL_USE: StopReason
STOP_REASON_MODEL_CONTEXT_WINDOW_EXCEEDED: StopReason
STOP_REASON_OTHER: StopReason

class InvocationMetadata(_message.Message):
    __slots__ = ("request_id", "model", "requested_model", "usage", "cost", "attempts", "total_latency", "upstream_latency", "time_to_first_token", "latency_mode", "service_tier", "guardrail_trace", "prompt_router_model_id", "total_cost", "omitted_members")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_MODEL_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_LATENCY_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_LATENCY_FIELD_NUMBER: _ClassVar[int]
    TIME_TO_FIRST_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LATENCY_MODE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    GUARDRAIL_TRACE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_ROUTER_MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COST_FIELD_NUMBER: _ClassVar[int]
    OMITTED_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    model: str
    requested_model: str
    usage: Usage
    cost: Cost
    attempts: _containers.RepeatedCompositeFieldContainer[Attempt]
    total_latency: _duration_pb2.Duration
    upstream_latency: _duration_pb2.Duration
    time_to_first_token: _duration_pb2.Duration
    latency_mode: _parameters_pb2.LatencyMode
    service_tier: _parameters_pb2.ServiceTier
    guardrail_trace: _guardrail_trace_pb2.GuardrailTrace
    prompt_router_model_id: str
    total_cost: Cost
    omitted_members: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., model: _Optional[str] = ..., requested_model: _Optional[str] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ..., cost: _Optional[_Union[Cost, _Mapping]] = ..., attempts: _Optional[_Iterable[_Union[Attempt, _Mapping]]] = ..., total_latency: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., upstream_latency: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., time_to_first_token: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., latency_mode: _Optional[_Union[_parameters_pb2.LatencyMode, str]] = ..., service_tier: _Optional[_Union[_parameters_pb2.ServiceTier, str]] = ..., guardrail_trace: _Optional[_Union[_guardrail_trace_pb2.GuardrailTrace, _Mapping]] = ..., prompt_router_model_id: _Optional[str] = ..., total_cost: _Optional[_Union[Cost, _Mapping]] = ..., omitted_members: _Optional[_Iterable[str]] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "cache_write_input_tokens", "cache_writes")
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_READ_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_WRITE_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_WRITES_FIELD_NUMBER: _ClassVar[int]
    input_tokens: int
    output_tokens: int
    total_tokens: int
    cache_read_input_tokens: int
    cache_write_input_tokens: int
    cache_writes: _containers.RepeatedCompositeFieldContainer[CacheWrite]
    def __init__(self, input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., total_tokens: _Optional[int] = ..., cache_read_input_tokens: _Optional[int] = ..., cache_write_input_tokens: _Optional[int] = ..., cache_writes: _Optional[_Iterable[_Union[CacheWrite, _Mapping]]] = ...) -> None: ...

class CacheWrite(_message.Message):
    __slots__ = ("ttl", "input_tokens")
    TTL_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    ttl: _duration_pb2.Duration
    input_tokens: int
    def __init__(self, ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., input_tokens: _Optional[int] = ...) -> None: ...

class Cost(_message.Message):
    __slots__ = ("currency_code", "total_nanos", "input_nanos", "output_nanos", "cache_read_nanos", "cache_write_nanos")
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_NANOS_FIELD_NUMBER: _ClassVar[int]
    INPUT_NANOS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_NANOS_FIELD_NUMBER: _ClassVar[int]
    CACHE_READ_NANOS_FIELD_NUMBER: _ClassVar[int]
    CACHE_WRITE_NANOS_FIELD_NUMBER: _ClassVar[int]
    currency_code: str
    total_nanos: int
    input_nanos: int
    output_nanos: int
    cache_read_nanos: int
    cache_write_nanos: int
    def __init__(self, currency_code: _Optional[str] = ..., total_nanos: _Optional[int] = ..., input_nanos: _Optional[int] = ..., output_nanos: _Optional[int] = ..., cache_read_nanos: _Optional[int] = ..., cache_write_nanos: _Optional[int] = ...) -> None: ...

class Attempt(_message.Message):
    __slots__ = ("number", "model", "state", "error", "start_time", "latency", "usage", "upstream_request_id", "region", "adjustments", "cost")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Attempt.State]
        STATE_RUNNING: _ClassVar[Attempt.State]
        STATE_SUCCEEDED: _ClassVar[Attempt.State]
        STATE_FAILED: _ClassVar[Attempt.State]
        STATE_SKIPPED: _ClassVar[Attempt.State]
        STATE_CANCELLED: _ClassVar[Attempt.State]
    STATE_UNSPECIFIED: Attempt.State
    STATE_RUNNING: Attempt.State
    STATE_SUCCEEDED: Attempt.State
    STATE_FAILED: Attempt.State
    STATE_SKIPPED: Attempt.State
    STATE_CANCELLED: Attempt.State
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    LATENCY_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    number: int
    model: str
    state: Attempt.State
    error: AttemptError
    start_time: _timestamp_pb2.Timestamp
    latency: _duration_pb2.Duration
    usage: Usage
    upstream_request_id: str
    region: str
    adjustments: _containers.RepeatedCompositeFieldContainer[Adjustment]
    cost: Cost
    def __init__(self, number: _Optional[int] = ..., model: _Optional[str] = ..., state: _Optional[_Union[Attempt.State, str]] = ..., error: _Optional[_Union[AttemptError, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., latency: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ..., upstream_request_id: _Optional[str] = ..., region: _Optional[str] = ..., adjustments: _Optional[_Iterable[_Union[Adjustment, _Mapping]]] = ..., cost: _Optional[_Union[Cost, _Mapping]] = ...) -> None: ...

class Adjustment(_message.Message):
    __slots__ = ("field", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    description: str
    def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class AttemptError(_message.Message):
    __slots__ = ("code", "reason", "message", "upstream_error")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_ERROR_FIELD_NUMBER: _ClassVar[int]
    code: int
    reason: _errors_pb2.ErrorReason
    message: str
    upstream_error: str
    def __init__(self, code: _Optional[int] = ..., reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., upstream_error: _Optional[str] = ...) -> None: ...

class InvocationFailure(_message.Message):
    __slots__ = ("metadata", "output_started")
    METADATA_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_STARTED_FIELD_NUMBER: _ClassVar[int]
    metadata: InvocationMetadata
    output_started: bool
    def __init__(self, metadata: _Optional[_Union[InvocationMetadata, _Mapping]] = ..., output_started: bool = ...) -> None: ...
