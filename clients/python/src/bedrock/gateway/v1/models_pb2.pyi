import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Capability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAPABILITY_UNSPECIFIED: _ClassVar[Capability]
    CAPABILITY_STREAMING: _ClassVar[Capability]
    CAPABILITY_SYSTEM_PROMPT: _ClassVar[Capability]
    CAPABILITY_TOOL_USE: _ClassVar[Capability]
    CAPABILITY_STREAMING_TOOL_USE: _ClassVar[Capability]
    CAPABILITY_IMAGE_INPUT: _ClassVar[Capability]
    CAPABILITY_DOCUMENT_INPUT: _ClassVar[Capability]
    CAPABILITY_VIDEO_INPUT: _ClassVar[Capability]
    CAPABILITY_AUDIO_INPUT: _ClassVar[Capability]
    CAPABILITY_IMAGE_OUTPUT: _ClassVar[Capability]
    CAPABILITY_REASONING: _ClassVar[Capability]
    CAPABILITY_STRUCTURED_OUTPUT: _ClassVar[Capability]
    CAPABILITY_PROMPT_CACHING: _ClassVar[Capability]
    CAPABILITY_CITATIONS: _ClassVar[Capability]
    CAPABILITY_GUARDRAILS: _ClassVar[Capability]
    CAPABILITY_TOKEN_COUNTING: _ClassVar[Capability]
    CAPABILITY_OPTIMIZED_LATENCY: _ClassVar[Capability]
CAPABILITY_UNSPECIFIED: Capability
CAPABILITY_STREAMING: Capability
CAPABILITY_SYSTEM_PROMPT: Capability
CAPABILITY_TOOL_USE: Capability
CAPABILITY_STREAMING_TOOL_USE: Capability
CAPABILITY_IMAGE_INPUT: Capability
CAPABILITY_DOCUMENT_INPUT: Capability
CAPABILITY_VIDEO_INPUT: Capability
CAPABILITY_AUDIO_INPUT: Capability
CAPABILITY_IMAGE_OUTPUT: Capability
CAPABILITY_REASONING: Capability
CAPABILITY_STRUCTURED_OUTPUT: Capability
CAPABILITY_PROMPT_CACHING: Capability
CAPABILITY_CITATIONS: Capability
CAPABILITY_GUARDRAILS: Capability
CAPABILITY_TOKEN_COUNTING: Capability
CAPABILITY_OPTIMIZED_LATENCY: Capability

class Model(_message.Message):
    __slots__ = ("name", "aliases", "display_name", "description", "provider", "bedrock_model_id", "region", "priority", "state", "capabilities", "context_window_tokens", "max_output_tokens", "pricing", "retire_time", "unsupported_fields", "legacy_time", "replacement", "bedrock_model_id_reason", "regions", "destination_regions", "default_max_tokens", "media_limits")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Model.State]
        STATE_ACTIVE: _ClassVar[Model.State]
        STATE_SUSPENDED: _ClassVar[Model.State]
        STATE_DISABLED: _ClassVar[Model.State]
        STATE_RETIRED: _ClassVar[Model.State]
    STATE_UNSPECIFIED: Model.State
    STATE_ACTIVE: Model.State
    STATE_SUSPENDED: Model.State
    STATE_DISABLED: Model.State
    STATE_RETIRED: Model.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    BEDROCK_MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_WINDOW_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PRICING_FIELD_NUMBER: _ClassVar[int]
    RETIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNSUPPORTED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    LEGACY_TIME_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_FIELD_NUMBER: _ClassVar[int]
    BEDROCK_MODEL_ID_REASON_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_REGIONS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MEDIA_LIMITS_FIELD_NUMBER: _ClassVar[int]
    name: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    display_name: str
    description: str
    provider: str
    bedrock_model_id: str
    region: str
    priority: int
    state: Model.State
    capabilities: _containers.RepeatedScalarFieldContainer[Capability]
    context_window_tokens: int
    max_output_tokens: int
    pricing: Pricing
    retire_time: _timestamp_pb2.Timestamp
    unsupported_fields: _containers.RepeatedScalarFieldContainer[str]
    legacy_time: _timestamp_pb2.Timestamp
    replacement: str
    bedrock_model_id_reason: str
    regions: _containers.RepeatedScalarFieldContainer[str]
    destination_regions: _containers.RepeatedScalarFieldContainer[str]
    default_max_tokens: int
    media_limits: MediaLimits
    def __init__(self, name: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., display_name: _Optional[str] = ..., description: _Optional[str] = ..., provider: _Optional[str] = ..., bedrock_model_id: _Optional[str] = ..., region: _Optional[str] = ..., priority: _Optional[int] = ..., state: _Optional[_Union[Model.State, str]] = ..., capabilities: _Optional[_Iterable[_Union[Capability, str]]] = ..., context_window_tokens: _Optional[int] = ..., max_output_tokens: _Optional[int] = ..., pricing: _Optional[_Union[Pricing, _Mapping]] = ..., retire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., unsupported_fields: _Optional[_Iterable[str]] = ..., legacy_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., replacement: _Optional[str] = ..., bedrock_model_id_reason: _Optional[str] = ..., regions: _Optional[_Iterable[str]] = ..., destination_regions: _Optional[_Iterable[str]] = ..., default_max_tokens: _Optional[int] = ..., media_limits: _Optional[_Union[MediaLimits, _Mapping]] = ...) -> None: ...

class MediaLimits(_message.Message):
    __slots__ = ("max_images", "max_image_bytes", "max_documents", "max_document_bytes", "max_inline_bytes")
    MAX_IMAGES_FIELD_NUMBER: _ClassVar[int]
    MAX_IMAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    MAX_DOCUMENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_INLINE_BYTES_FIELD_NUMBER: _ClassVar[int]
    max_images: int
    max_image_bytes: int
    max_documents: int
    max_document_bytes: int
    max_inline_bytes: int
    def __init__(self, max_images: _Optional[int] = ..., max_image_bytes: _Optional[int] = ..., max_documents: _Optional[int] = ..., max_document_bytes: _Optional[int] = ..., max_inline_bytes: _Optional[int] = ...) -> None: ...

class Pricing(_message.Message):
    __slots__ = ("currency_code", "input_nanos_per_million_tokens", "output_nanos_per_million_tokens", "cache_read_nanos_per_million_tokens", "cache_write_nanos_per_million_tokens", "cache_write_one_hour_nanos_per_million_tokens")
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    INPUT_NANOS_PER_MILLION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_NANOS_PER_MILLION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_READ_NANOS_PER_MILLION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_WRITE_NANOS_PER_MILLION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_WRITE_ONE_HOUR_NANOS_PER_MILLION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    currency_code: str
    input_nanos_per_million_tokens: int
    output_nanos_per_million_tokens: int
    cache_read_nanos_per_million_tokens: int
    cache_write_nanos_per_million_tokens: int
    cache_write_one_hour_nanos_per_million_tokens: int
    def __init__(self, currency_code: _Optional[str] = ..., input_nanos_per_million_tokens: _Optional[int] = ..., output_nanos_per_million_tokens: _Optional[int] = ..., cache_read_nanos_per_million_tokens: _Optional[int] = ..., cache_write_nanos_per_million_tokens: _Optional[int] = ..., cache_write_one_hour_nanos_per_million_tokens: _Optional[int] = ...) -> None: ...
