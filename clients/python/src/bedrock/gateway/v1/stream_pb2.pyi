import datetime

from bedrock.gateway.v1 import content_pb2 as _content_pb2
from bedrock.gateway.v1 import results_pb2 as _results_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StreamOptions(_message.Message):
    __slots__ = ("first_token_timeout", "idle_timeout", "recovery", "guardrail_processing_mode", "heartbeat_interval")
    class Recovery(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RECOVERY_UNSPECIFIED: _ClassVar[StreamOptions.Recovery]
        RECOVERY_FAIL: _ClassVar[StreamOptions.Recovery]
        RECOVERY_RESTART: _ClassVar[StreamOptions.Recovery]
    RECOVERY_UNSPECIFIED: StreamOptions.Recovery
    RECOVERY_FAIL: StreamOptions.Recovery
    RECOVERY_RESTART: StreamOptions.Recovery
    class GuardrailProcessingMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        GUARDRAIL_PROCESSING_MODE_UNSPECIFIED: _ClassVar[StreamOptions.GuardrailProcessingMode]
        GUARDRAIL_PROCESSING_MODE_SYNC: _ClassVar[StreamOptions.GuardrailProcessingMode]
        GUARDRAIL_PROCESSING_MODE_ASYNC: _ClassVar[StreamOptions.GuardrailProcessingMode]
    GUARDRAIL_PROCESSING_MODE_UNSPECIFIED: StreamOptions.GuardrailProcessingMode
    GUARDRAIL_PROCESSING_MODE_SYNC: StreamOptions.GuardrailProcessingMode
    GUARDRAIL_PROCESSING_MODE_ASYNC: StreamOptions.GuardrailProcessingMode
    FIRST_TOKEN_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    IDLE_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_FIELD_NUMBER: _ClassVar[int]
    GUARDRAIL_PROCESSING_MODE_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    first_token_timeout: _duration_pb2.Duration
    idle_timeout: _duration_pb2.Duration
    recovery: StreamOptions.Recovery
    guardrail_processing_mode: StreamOptions.GuardrailProcessingMode
    heartbeat_interval: _duration_pb2.Duration
    def __init__(self, first_token_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., recovery: _Optional[_Union[StreamOptions.Recovery, str]] = ..., guardrail_processing_mode: _Optional[_Union[StreamOptions.GuardrailProcessingMode, str]] = ..., heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class InvokeStreamResponse(_message.Message):
    __slots__ = ("attempt", "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_stop", "metadata", "heartbeat")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_START_FIELD_NUMBER: _ClassVar[int]
    CONTENT_BLOCK_START_FIELD_NUMBER: _ClassVar[int]
    CONTENT_BLOCK_DELTA_FIELD_NUMBER: _ClassVar[int]
    CONTENT_BLOCK_STOP_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_STOP_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    attempt: AttemptEvent
    message_start: MessageStartEvent
    content_block_start: ContentBlockStartEvent
    content_block_delta: ContentBlockDeltaEvent
    content_block_stop: ContentBlockStopEvent
    message_stop: MessageStopEvent
    metadata: _results_pb2.InvocationMetadata
    heartbeat: HeartbeatEvent
    def __init__(self, attempt: _Optional[_Union[AttemptEvent, _Mapping]] = ..., message_start: _Optional[_Union[MessageStartEvent, _Mapping]] = ..., content_block_start: _Optional[_Union[ContentBlockStartEvent, _Mapping]] = ..., content_block_delta: _Optional[_Union[ContentBlockDeltaEvent, _Mapping]] = ..., content_block_stop: _Optional[_Union[ContentBlockStopEvent, _Mapping]] = ..., message_stop: _Optional[_Union[MessageStopEvent, _Mapping]] = ..., metadata: _Optional[_Union[_results_pb2.InvocationMetadata, _Mapping]] = ..., heartbeat: _Optional[_Union[HeartbeatEvent, _Mapping]] = ...) -> None: ...

class HeartbeatEvent(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AttemptEvent(_message.Message):
    __slots__ = ("attempt", "output_discarded", "backoff")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_DISCARDED_FIELD_NUMBER: _ClassVar[int]
    BACKOFF_FIELD_NUMBER: _ClassVar[int]
    attempt: _results_pb2.Attempt
    output_discarded: bool
    backoff: _duration_pb2.Duration
    def __init__(self, attempt: _Optional[_Union[_results_pb2.Attempt, _Mapping]] = ..., output_discarded: bool = ..., backoff: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class MessageStartEvent(_message.Message):
    __slots__ = ("role", "model", "request_id")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    role: _content_pb2.Role
    model: str
    request_id: str
    def __init__(self, role: _Optional[_Union[_content_pb2.Role, str]] = ..., model: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ContentBlockStartEvent(_message.Message):
    __slots__ = ("content_block_index", "text", "tool_use", "tool_result", "reasoning", "image", "whole")
    CONTENT_BLOCK_INDEX_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOOL_USE_FIELD_NUMBER: _ClassVar[int]
    TOOL_RESULT_FIELD_NUMBER: _ClassVar[int]
    REASONING_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    content_block_index: int
    text: TextBlockStart
    tool_use: ToolUseBlockStart
    tool_result: ToolResultBlockStart
    reasoning: ReasoningBlockStart
    image: ImageBlockStart
    whole: _content_pb2.ContentBlock
    def __init__(self, content_block_index: _Optional[int] = ..., text: _Optional[_Union[TextBlockStart, _Mapping]] = ..., tool_use: _Optional[_Union[ToolUseBlockStart, _Mapping]] = ..., tool_result: _Optional[_Union[ToolResultBlockStart, _Mapping]] = ..., reasoning: _Optional[_Union[ReasoningBlockStart, _Mapping]] = ..., image: _Optional[_Union[ImageBlockStart, _Mapping]] = ..., whole: _Optional[_Union[_content_pb2.ContentBlock, _Mapping]] = ...) -> None: ...

class TextBlockStart(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReasoningBlockStart(_message.Message):
    __slots__ = ("model",)
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: str
    def __init__(self, model: _Optional[str] = ...) -> None: ...

class ToolUseBlockStart(_message.Message):
    __slots__ = ("tool_use_id", "name", "type")
    TOOL_USE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    tool_use_id: str
    name: str
    type: _content_pb2.ToolUseType
    def __init__(self, tool_use_id: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[_Union[_content_pb2.ToolUseType, str]] = ...) -> None: ...

class ToolResultBlockStart(_message.Message):
    __slots__ = ("tool_use_id", "type", "status")
    TOOL_USE_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    tool_use_id: str
    type: str
    status: _content_pb2.ToolResultStatus
    def __init__(self, tool_use_id: _Optional[str] = ..., type: _Optional[str] = ..., status: _Optional[_Union[_content_pb2.ToolResultStatus, str]] = ...) -> None: ...

class ImageBlockStart(_message.Message):
    __slots__ = ("mime_type",)
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    mime_type: str
    def __init__(self, mime_type: _Optional[str] = ...) -> None: ...

class ContentBlockDeltaEvent(_message.Message):
    __slots__ = ("content_block_index", "text", "tool_use", "tool_result", "reasoning", "citation", "image")
    CONTENT_BLOCK_INDEX_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOOL_USE_FIELD_NUMBER: _ClassVar[int]
    TOOL_RESULT_FIELD_NUMBER: _ClassVar[int]
    REASONING_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    content_block_index: int
    text: str
    tool_use: ToolUseBlockDelta
    tool_result: ToolResultBlockDelta
    reasoning: ReasoningBlockDelta
    citation: _content_pb2.Citation
    image: ImageBlockDelta
    def __init__(self, content_block_index: _Optional[int] = ..., text: _Optional[str] = ..., tool_use: _Optional[_Union[ToolUseBlockDelta, _Mapping]] = ..., tool_result: _Optional[_Union[ToolResultBlockDelta, _Mapping]] = ..., reasoning: _Optional[_Union[ReasoningBlockDelta, _Mapping]] = ..., citation: _Optional[_Union[_content_pb2.Citation, _Mapping]] = ..., image: _Optional[_Union[ImageBlockDelta, _Mapping]] = ...) -> None: ...

class ToolUseBlockDelta(_message.Message):
    __slots__ = ("input_json",)
    INPUT_JSON_FIELD_NUMBER: _ClassVar[int]
    input_json: str
    def __init__(self, input_json: _Optional[str] = ...) -> None: ...

class ToolResultBlockDelta(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ToolResultDeltaItem]
    def __init__(self, items: _Optional[_Iterable[_Union[ToolResultDeltaItem, _Mapping]]] = ...) -> None: ...

class ToolResultDeltaItem(_message.Message):
    __slots__ = ("text", "json")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    text: str
    json: str
    def __init__(self, text: _Optional[str] = ..., json: _Optional[str] = ...) -> None: ...

class ReasoningBlockDelta(_message.Message):
    __slots__ = ("text", "signature", "redacted_content")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    REDACTED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    text: str
    signature: str
    redacted_content: bytes
    def __init__(self, text: _Optional[str] = ..., signature: _Optional[str] = ..., redacted_content: _Optional[bytes] = ...) -> None: ...

class ImageBlockDelta(_message.Message):
    __slots__ = ("data", "s3_location", "error")
    DATA_FIELD_NUMBER: _ClassVar[int]
    S3_LOCATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    s3_location: _content_pb2.S3Location
    error: _content_pb2.ContentBlockError
    def __init__(self, data: _Optional[bytes] = ..., s3_location: _Optional[_Union[_content_pb2.S3Location, _Mapping]] = ..., error: _Optional[_Union[_content_pb2.ContentBlockError, _Mapping]] = ...) -> None: ...

class ContentBlockStopEvent(_message.Message):
    __slots__ = ("content_block_index",)
    CONTENT_BLOCK_INDEX_FIELD_NUMBER: _ClassVar[int]
    content_block_index: int
    def __init__(self, content_block_index: _Optional[int] = ...) -> None: ...

class MessageStopEvent(_message.Message):
    __slots__ = ("stop_reason", "raw_stop_reason", "additional_model_response_fields")
    STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    RAW_STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_MODEL_RESPONSE_FIELDS_FIELD_NUMBER: _ClassVar[int]
    stop_reason: _results_pb2.StopReason
    raw_stop_reason: str
    additional_model_response_fields: _struct_pb2.Struct
    def __init__(self, stop_reason: _Optional[_Union[_results_pb2.StopReason, str]] = ..., raw_stop_reason: _Optional[str] = ..., additional_model_response_fields: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...
