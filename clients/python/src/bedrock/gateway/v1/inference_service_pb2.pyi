from bedrock.gateway.v1 import content_pb2 as _content_pb2
from bedrock.gateway.v1 import parameters_pb2 as _parameters_pb2
from bedrock.gateway.v1 import results_pb2 as _results_pb2
from bedrock.gateway.v1 import stream_pb2 as _stream_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InvokeRequest(_message.Message):
    __slots__ = ("model", "prompt", "messages", "system", "inference_config", "tool_config", "reasoning_config", "output_config", "guardrail_config", "routing_config", "request_metadata", "additional_model_request_fields", "additional_model_response_field_paths", "prompt_variables", "latency_mode", "service_tier")
    class RequestMetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class PromptVariablesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _parameters_pb2.PromptVariableValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_parameters_pb2.PromptVariableValue, _Mapping]] = ...) -> None: ...
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    INFERENCE_CONFIG_FIELD_NUMBER: _ClassVar[int]
    TOOL_CONFIG_FIELD_NUMBER: _ClassVar[int]
    REASONING_CONFIG_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_CONFIG_FIELD_NUMBER: _ClassVar[int]
    GUARDRAIL_CONFIG_FIELD_NUMBER: _ClassVar[int]
    ROUTING_CONFIG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_METADATA_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_MODEL_REQUEST_FIELDS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_MODEL_RESPONSE_FIELD_PATHS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_VARIABLES_FIELD_NUMBER: _ClassVar[int]
    LATENCY_MODE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    model: str
    prompt: str
    messages: _containers.RepeatedCompositeFieldContainer[_content_pb2.Message]
    system: _containers.RepeatedCompositeFieldContainer[_content_pb2.SystemContentBlock]
    inference_config: _parameters_pb2.InferenceConfig
    tool_config: _parameters_pb2.ToolConfig
    reasoning_config: _parameters_pb2.ReasoningConfig
    output_config: _parameters_pb2.OutputConfig
    guardrail_config: _parameters_pb2.GuardrailConfig
    routing_config: _parameters_pb2.RoutingConfig
    request_metadata: _containers.ScalarMap[str, str]
    additional_model_request_fields: _struct_pb2.Struct
    additional_model_response_field_paths: _containers.RepeatedScalarFieldContainer[str]
    prompt_variables: _containers.MessageMap[str, _parameters_pb2.PromptVariableValue]
    latency_mode: _parameters_pb2.LatencyMode
    service_tier: _parameters_pb2.ServiceTier
    def __init__(self, model: _Optional[str] = ..., prompt: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[_content_pb2.Message, _Mapping]]] = ..., system: _Optional[_Iterable[_Union[_content_pb2.SystemContentBlock, _Mapping]]] = ..., inference_config: _Optional[_Union[_parameters_pb2.InferenceConfig, _Mapping]] = ..., tool_config: _Optional[_Union[_parameters_pb2.ToolConfig, _Mapping]] = ..., reasoning_config: _Optional[_Union[_parameters_pb2.ReasoningConfig, _Mapping]] = ..., output_config: _Optional[_Union[_parameters_pb2.OutputConfig, _Mapping]] = ..., guardrail_config: _Optional[_Union[_parameters_pb2.GuardrailConfig, _Mapping]] = ..., routing_config: _Optional[_Union[_parameters_pb2.RoutingConfig, _Mapping]] = ..., request_metadata: _Optional[_Mapping[str, str]] = ..., additional_model_request_fields: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., additional_model_response_field_paths: _Optional[_Iterable[str]] = ..., prompt_variables: _Optional[_Mapping[str, _parameters_pb2.PromptVariableValue]] = ..., latency_mode: _Optional[_Union[_parameters_pb2.LatencyMode, str]] = ..., service_tier: _Optional[_Union[_parameters_pb2.ServiceTier, str]] = ...) -> None: ...

class InvokeResponse(_message.Message):
    __slots__ = ("text", "message", "stop_reason", "raw_stop_reason", "additional_model_response_fields", "metadata")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    RAW_STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_MODEL_RESPONSE_FIELDS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    text: str
    message: _content_pb2.Message
    stop_reason: _results_pb2.StopReason
    raw_stop_reason: str
    additional_model_response_fields: _struct_pb2.Struct
    metadata: _results_pb2.InvocationMetadata
    def __init__(self, text: _Optional[str] = ..., message: _Optional[_Union[_content_pb2.Message, _Mapping]] = ..., stop_reason: _Optional[_Union[_results_pb2.StopReason, str]] = ..., raw_stop_reason: _Optional[str] = ..., additional_model_response_fields: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., metadata: _Optional[_Union[_results_pb2.InvocationMetadata, _Mapping]] = ...) -> None: ...

class InvokeStreamRequest(_message.Message):
    __slots__ = ("model", "prompt", "messages", "system", "inference_config", "tool_config", "reasoning_config", "output_config", "guardrail_config", "routing_config", "request_metadata", "additional_model_request_fields", "additional_model_response_field_paths", "prompt_variables", "latency_mode", "service_tier", "stream_options")
    class RequestMetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class PromptVariablesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _parameters_pb2.PromptVariableValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_parameters_pb2.PromptVariableValue, _Mapping]] = ...) -> None: ...
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    INFERENCE_CONFIG_FIELD_NUMBER: _ClassVar[int]
    TOOL_CONFIG_FIELD_NUMBER: _ClassVar[int]
    REASONING_CONFIG_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_CONFIG_FIELD_NUMBER: _ClassVar[int]
    GUARDRAIL_CONFIG_FIELD_NUMBER: _ClassVar[int]
    ROUTING_CONFIG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_METADATA_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_MODEL_REQUEST_FIELDS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_MODEL_RESPONSE_FIELD_PATHS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_VARIABLES_FIELD_NUMBER: _ClassVar[int]
    LATENCY_MODE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    STREAM_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    model: str
    prompt: str
    messages: _containers.RepeatedCompositeFieldContainer[_content_pb2.Message]
    system: _containers.RepeatedCompositeFieldContainer[_content_pb2.SystemContentBlock]
    inference_config: _parameters_pb2.InferenceConfig
    tool_config: _parameters_pb2.ToolConfig
    reasoning_config: _parameters_pb2.ReasoningConfig
    output_config: _parameters_pb2.OutputConfig
    guardrail_config: _parameters_pb2.GuardrailConfig
    routing_config: _parameters_pb2.RoutingConfig
    request_metadata: _containers.ScalarMap[str, str]
    additional_model_request_fields: _struct_pb2.Struct
    additional_model_response_field_paths: _containers.RepeatedScalarFieldContainer[str]
    prompt_variables: _containers.MessageMap[str, _parameters_pb2.PromptVariableValue]
    latency_mode: _parameters_pb2.LatencyMode
    service_tier: _parameters_pb2.ServiceTier
    stream_options: _stream_pb2.StreamOptions
    def __init__(self, model: _Optional[str] = ..., prompt: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[_content_pb2.Message, _Mapping]]] = ..., system: _Optional[_Iterable[_Union[_content_pb2.SystemContentBlock, _Mapping]]] = ..., inference_config: _Optional[_Union[_parameters_pb2.InferenceConfig, _Mapping]] = ..., tool_config: _Optional[_Union[_parameters_pb2.ToolConfig, _Mapping]] = ..., reasoning_config: _Optional[_Union[_parameters_pb2.ReasoningConfig, _Mapping]] = ..., output_config: _Optional[_Union[_parameters_pb2.OutputConfig, _Mapping]] = ..., guardrail_config: _Optional[_Union[_parameters_pb2.GuardrailConfig, _Mapping]] = ..., routing_config: _Optional[_Union[_parameters_pb2.RoutingConfig, _Mapping]] = ..., request_metadata: _Optional[_Mapping[str, str]] = ..., additional_model_request_fields: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., additional_model_response_field_paths: _Optional[_Iterable[str]] = ..., prompt_variables: _Optional[_Mapping[str, _parameters_pb2.PromptVariableValue]] = ..., latency_mode: _Optional[_Union[_parameters_pb2.LatencyMode, str]] = ..., service_tier: _Optional[_Union[_parameters_pb2.ServiceTier, str]] = ..., stream_options: _Optional[_Union[_stream_pb2.StreamOptions, _Mapping]] = ...) -> None: ...

class CountTokensRequest(_message.Message):
    __slots__ = ("model", "prompt", "messages", "system", "tool_config", "additional_model_request_fields")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    TOOL_CONFIG_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_MODEL_REQUEST_FIELDS_FIELD_NUMBER: _ClassVar[int]
    model: str
    prompt: str
    messages: _containers.RepeatedCompositeFieldContainer[_content_pb2.Message]
    system: _containers.RepeatedCompositeFieldContainer[_content_pb2.SystemContentBlock]
    tool_config: _parameters_pb2.ToolConfig
    additional_model_request_fields: _struct_pb2.Struct
    def __init__(self, model: _Optional[str] = ..., prompt: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[_content_pb2.Message, _Mapping]]] = ..., system: _Optional[_Iterable[_Union[_content_pb2.SystemContentBlock, _Mapping]]] = ..., tool_config: _Optional[_Union[_parameters_pb2.ToolConfig, _Mapping]] = ..., additional_model_request_fields: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class CountTokensResponse(_message.Message):
    __slots__ = ("input_tokens", "model")
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    input_tokens: int
    model: str
    def __init__(self, input_tokens: _Optional[int] = ..., model: _Optional[str] = ...) -> None: ...
