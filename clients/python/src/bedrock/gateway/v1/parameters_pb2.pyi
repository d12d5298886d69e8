import datetime

from bedrock.gateway.v1 import content_pb2 as _content_pb2
from bedrock.gateway.v1 import models_pb2 as _models_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LatencyMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LATENCY_MODE_UNSPECIFIED: _ClassVar[LatencyMode]
    LATENCY_MODE_STANDARD: _ClassVar[LatencyMode]
    LATENCY_MODE_OPTIMIZED: _ClassVar[LatencyMode]

class ServiceTier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SERVICE_TIER_UNSPECIFIED: _ClassVar[ServiceTier]
    SERVICE_TIER_DEFAULT: _ClassVar[ServiceTier]
    SERVICE_TIER_PRIORITY: _ClassVar[ServiceTier]
    SERVICE_TIER_FLEX: _ClassVar[ServiceTier]
    SERVICE_TIER_RESERVED: _ClassVar[ServiceTier]
LATENCY_MODE_UNSPECIFIED: LatencyMode
LATENCY_MODE_STANDARD: LatencyMode
LATENCY_MODE_OPTIMIZED: LatencyMode
SERVICE_TIER_UNSPECIFIED: ServiceTier
SERVICE_TIER_DEFAULT: ServiceTier
SERVICE_TIER_PRIORITY: ServiceTier
SERVICE_TIER_FLEX: ServiceTier
SERVICE_TIER_RESERVED: ServiceTier

class InferenceConfig(_message.Message):
    __slots__ = ("max_tokens", "temperature", "top_p", "top_k", "stop_sequences")
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    TOP_P_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    STOP_SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    max_tokens: int
    temperature: float
    top_p: float
    top_k: int
    stop_sequences: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, max_tokens: _Optional[int] = ..., temperature: _Optional[float] = ..., top_p: _Optional[float] = ..., top_k: _Optional[int] = ..., stop_sequences: _Optional[_Iterable[str]] = ...) -> None: ...

class ReasoningConfig(_message.Message):
    __slots__ = ("mode", "effort", "budget_tokens")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MODE_UNSPECIFIED: _ClassVar[ReasoningConfig.Mode]
        MODE_DISABLED: _ClassVar[ReasoningConfig.Mode]
        MODE_ENABLED: _ClassVar[ReasoningConfig.Mode]
        MODE_ADAPTIVE: _ClassVar[ReasoningConfig.Mode]
    MODE_UNSPECIFIED: ReasoningConfig.Mode
    MODE_DISABLED: ReasoningConfig.Mode
    MODE_ENABLED: ReasoningConfig.Mode
    MODE_ADAPTIVE: ReasoningConfig.Mode
    class Effort(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        EFFORT_UNSPECIFIED: _ClassVar[ReasoningConfig.Effort]
        EFFORT_LOW: _ClassVar[ReasoningConfig.Effort]
        EFFORT_MEDIUM: _ClassVar[ReasoningConfig.Effort]
        EFFORT_HIGH: _ClassVar[ReasoningConfig.Effort]
        EFFORT_EXTRA_HIGH: _ClassVar[ReasoningConfig.Effort]
        EFFORT_MAX: _ClassVar[ReasoningConfig.Effort]
    EFFORT_UNSPECIFIED: ReasoningConfig.Effort
    EFFORT_LOW: ReasoningConfig.Effort
    EFFORT_MEDIUM: ReasoningConfig.Effort
    EFFORT_HIGH: ReasoningConfig.Effort
    EFFORT_EXTRA_HIGH: ReasoningConfig.Effort
    EFFORT_MAX: ReasoningConfig.Effort
    MODE_FIELD_NUMBER: _ClassVar[int]
    EFFORT_FIELD_NUMBER: _ClassVar[int]
    BUDGET_TOKENS_FIELD_NUMBER: _ClassVar[int]
    mode: ReasoningConfig.Mode
    effort: ReasoningConfig.Effort
    budget_tokens: int
    def __init__(self, mode: _Optional[_Union[ReasoningConfig.Mode, str]] = ..., effort: _Optional[_Union[ReasoningConfig.Effort, str]] = ..., budget_tokens: _Optional[int] = ...) -> None: ...

class OutputConfig(_message.Message):
    __slots__ = ("json_schema",)
    JSON_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    json_schema: JsonSchemaFormat
    def __init__(self, json_schema: _Optional[_Union[JsonSchemaFormat, _Mapping]] = ...) -> None: ...

class JsonSchemaFormat(_message.Message):
    __slots__ = ("schema", "schema_json", "name", "description")
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    schema: _struct_pb2.Struct
    schema_json: str
    name: str
    description: str
    def __init__(self, schema: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., schema_json: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class ToolConfig(_message.Message):
    __slots__ = ("tools", "tool_choice")
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    TOOL_CHOICE_FIELD_NUMBER: _ClassVar[int]
    tools: _containers.RepeatedCompositeFieldContainer[Tool]
    tool_choice: ToolChoice
    def __init__(self, tools: _Optional[_Iterable[_Union[Tool, _Mapping]]] = ..., tool_choice: _Optional[_Union[ToolChoice, _Mapping]] = ...) -> None: ...

class Tool(_message.Message):
    __slots__ = ("tool_spec", "system_tool", "cache_point")
    TOOL_SPEC_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_TOOL_FIELD_NUMBER: _ClassVar[int]
    CACHE_POINT_FIELD_NUMBER: _ClassVar[int]
    tool_spec: ToolSpec
    system_tool: SystemTool
    cache_point: _content_pb2.CachePointBlock
    def __init__(self, tool_spec: _Optional[_Union[ToolSpec, _Mapping]] = ..., system_tool: _Optional[_Union[SystemTool, _Mapping]] = ..., cache_point: _Optional[_Union[_content_pb2.CachePointBlock, _Mapping]] = ...) -> None: ...

class ToolSpec(_message.Message):
    __slots__ = ("name", "description", "input_schema", "input_schema_json", "strict")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    INPUT_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    INPUT_SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    STRICT_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    input_schema: _struct_pb2.Struct
    input_schema_json: str
    strict: bool
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., input_schema: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., input_schema_json: _Optional[str] = ..., strict: bool = ...) -> None: ...

class SystemTool(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ToolChoice(_message.Message):
    __slots__ = ("auto", "any", "tool")
    AUTO_FIELD_NUMBER: _ClassVar[int]
    ANY_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    auto: AutoToolChoice
    any: AnyToolChoice
    tool: SpecificToolChoice
    def __init__(self, auto: _Optional[_Union[AutoToolChoice, _Mapping]] = ..., any: _Optional[_Union[AnyToolChoice, _Mapping]] = ..., tool: _Optional[_Union[SpecificToolChoice, _Mapping]] = ...) -> None: ...

class AutoToolChoice(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AnyToolChoice(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SpecificToolChoice(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GuardrailConfig(_message.Message):
    __slots__ = ("guardrail_identifier", "guardrail_version", "trace_mode")
    class TraceMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TRACE_MODE_UNSPECIFIED: _ClassVar[GuardrailConfig.TraceMode]
        TRACE_MODE_DISABLED: _ClassVar[GuardrailConfig.TraceMode]
        TRACE_MODE_ENABLED: _ClassVar[GuardrailConfig.TraceMode]
        TRACE_MODE_ENABLED_FULL: _ClassVar[GuardrailConfig.TraceMode]
    TRACE_MODE_UNSPECIFIED: GuardrailConfig.TraceMode
    TRACE_MODE_DISABLED: GuardrailConfig.TraceMode
    TRACE_MODE_ENABLED: GuardrailConfig.TraceMode
    TRACE_MODE_ENABLED_FULL: GuardrailConfig.TraceMode
    GUARDRAIL_IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    GUARDRAIL_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRACE_MODE_FIELD_NUMBER: _ClassVar[int]
    guardrail_identifier: str
    guardrail_version: str
    trace_mode: GuardrailConfig.TraceMode
    def __init__(self, guardrail_identifier: _Optional[str] = ..., guardrail_version: _Optional[str] = ..., trace_mode: _Optional[_Union[GuardrailConfig.TraceMode, str]] = ...) -> None: ...

class PromptVariableValue(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class RoutingConfig(_message.Message):
    __slots__ = ("fallback_mode", "fallback_models", "max_attempts", "attempt_timeout", "required_capabilities", "unsupported_field_policy")
    class FallbackMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FALLBACK_MODE_UNSPECIFIED: _ClassVar[RoutingConfig.FallbackMode]
        FALLBACK_MODE_ENABLED: _ClassVar[RoutingConfig.FallbackMode]
        FALLBACK_MODE_DISABLED: _ClassVar[RoutingConfig.FallbackMode]
    FALLBACK_MODE_UNSPECIFIED: RoutingConfig.FallbackMode
    FALLBACK_MODE_ENABLED: RoutingConfig.FallbackMode
    FALLBACK_MODE_DISABLED: RoutingConfig.FallbackMode
    class UnsupportedFieldPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSUPPORTED_FIELD_POLICY_UNSPECIFIED: _ClassVar[RoutingConfig.UnsupportedFieldPolicy]
        UNSUPPORTED_FIELD_POLICY_SKIP_MODEL: _ClassVar[RoutingConfig.UnsupportedFieldPolicy]
        UNSUPPORTED_FIELD_POLICY_DROP_FIELD: _ClassVar[RoutingConfig.UnsupportedFieldPolicy]
    UNSUPPORTED_FIELD_POLICY_UNSPECIFIED: RoutingConfig.UnsupportedFieldPolicy
    UNSUPPORTED_FIELD_POLICY_SKIP_MODEL: RoutingConfig.UnsupportedFieldPolicy
    UNSUPPORTED_FIELD_POLICY_DROP_FIELD: RoutingConfig.UnsupportedFieldPolicy
    FALLBACK_MODE_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_MODELS_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    UNSUPPORTED_FIELD_POLICY_FIELD_NUMBER: _ClassVar[int]
    fallback_mode: RoutingConfig.FallbackMode
    fallback_models: _containers.RepeatedScalarFieldContainer[str]
    max_attempts: int
    attempt_timeout: _duration_pb2.Duration
    required_capabilities: _containers.RepeatedScalarFieldContainer[_models_pb2.Capability]
    unsupported_field_policy: RoutingConfig.UnsupportedFieldPolicy
    def __init__(self, fallback_mode: _Optional[_Union[RoutingConfig.FallbackMode, str]] = ..., fallback_models: _Optional[_Iterable[str]] = ..., max_attempts: _Optional[int] = ..., attempt_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., required_capabilities: _Optional[_Iterable[_Union[_models_pb2.Capability, str]]] = ..., unsupported_field_policy: _Optional[_Union[RoutingConfig.UnsupportedFieldPolicy, str]] = ...) -> None: ...
