import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_USER: _ClassVar[Role]
    ROLE_ASSISTANT: _ClassVar[Role]
    ROLE_SYSTEM: _ClassVar[Role]

class ToolUseType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOOL_USE_TYPE_UNSPECIFIED: _ClassVar[ToolUseType]
    TOOL_USE_TYPE_SERVER_TOOL_USE: _ClassVar[ToolUseType]

class ToolResultStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOOL_RESULT_STATUS_UNSPECIFIED: _ClassVar[ToolResultStatus]
    TOOL_RESULT_STATUS_SUCCESS: _ClassVar[ToolResultStatus]
    TOOL_RESULT_STATUS_ERROR: _ClassVar[ToolResultStatus]
ROLE_UNSPECIFIED: Role
ROLE_USER: Role
ROLE_ASSISTANT: Role
ROLE_SYSTEM: Role
TOOL_USE_TYPE_UNSPECIFIED: ToolUseType
TOOL_USE_TYPE_SERVER_TOOL_USE: ToolUseType
TOOL_RESULT_STATUS_UNSPECIFIED: ToolResultStatus
TOOL_RESULT_STATUS_SUCCESS: ToolResultStatus
TOOL_RESULT_STATUS_ERROR: ToolResultStatus

class Message(_message.Message):
    __slots__ = ("role", "content")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    role: Role
    content: _containers.RepeatedCompositeFieldContainer[ContentBlock]
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., content: _Optional[_Iterable[_Union[ContentBlock, _Mapping]]] = ...) -> None: ...

class ContentBlock(_message.Message):
    __slots__ = ("text", "image", "document", "video", "audio", "tool_use", "tool_result", "reasoning", "cited_content", "search_result", "guard_content", "cache_point", "tool_addition", "tool_removal")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    VIDEO_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    TOOL_USE_FIELD_NUMBER: _ClassVar[int]
    TOOL_RESULT_FIELD_NUMBER: _ClassVar[int]
    REASONING_FIELD_NUMBER: _ClassVar[int]
    CITED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    SEARCH_RESULT_FIELD_NUMBER: _ClassVar[int]
    GUARD_CONTENT_FIELD_NUMBER: _ClassVar[int]
    CACHE_POINT_FIELD_NUMBER: _ClassVar[int]
    TOOL_ADDITION_FIELD_NUMBER: _ClassVar[int]
    TOOL_REMOVAL_FIELD_NUMBER: _ClassVar[int]
    text: str
    image: ImageBlock
    document: DocumentBlock
    video: VideoBlock
    audio: AudioBlock
    tool_use: ToolUseBlock
    tool_result: ToolResultBlock
    reasoning: ReasoningBlock
    cited_content: CitedContentBlock
    search_result: SearchResultBlock
    guard_content: GuardContentBlock
    cache_point: CachePointBlock
    tool_addition: ToolAdditionBlock
    tool_removal: ToolRemovalBlock
    def __init__(self, text: _Optional[str] = ..., image: _Optional[_Union[ImageBlock, _Mapping]] = ..., document: _Optional[_Union[DocumentBlock, _Mapping]] = ..., video: _Optional[_Union[VideoBlock, _Mapping]] = ..., audio: _Optional[_Union[AudioBlock, _Mapping]] = ..., tool_use: _Optional[_Union[ToolUseBlock, _Mapping]] = ..., tool_result: _Optional[_Union[ToolResultBlock, _Mapping]] = ..., reasoning: _Optional[_Union[ReasoningBlock, _Mapping]] = ..., cited_content: _Optional[_Union[CitedContentBlock, _Mapping]] = ..., search_result: _Optional[_Union[SearchResultBlock, _Mapping]] = ..., guard_content: _Optional[_Union[GuardContentBlock, _Mapping]] = ..., cache_point: _Optional[_Union[CachePointBlock, _Mapping]] = ..., tool_addition: _Optional[_Union[ToolAdditionBlock, _Mapping]] = ..., tool_removal: _Optional[_Union[ToolRemovalBlock, _Mapping]] = ...) -> None: ...

class SystemContentBlock(_message.Message):
    __slots__ = ("text", "guard_content", "cache_point")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    GUARD_CONTENT_FIELD_NUMBER: _ClassVar[int]
    CACHE_POINT_FIELD_NUMBER: _ClassVar[int]
    text: str
    guard_content: GuardContentBlock
    cache_point: CachePointBlock
    def __init__(self, text: _Optional[str] = ..., guard_content: _Optional[_Union[GuardContentBlock, _Mapping]] = ..., cache_point: _Optional[_Union[CachePointBlock, _Mapping]] = ...) -> None: ...

class S3Location(_message.Message):
    __slots__ = ("uri", "bucket_owner")
    URI_FIELD_NUMBER: _ClassVar[int]
    BUCKET_OWNER_FIELD_NUMBER: _ClassVar[int]
    uri: str
    bucket_owner: str
    def __init__(self, uri: _Optional[str] = ..., bucket_owner: _Optional[str] = ...) -> None: ...

class ImageBlock(_message.Message):
    __slots__ = ("mime_type", "data", "s3_location", "error")
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    S3_LOCATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    mime_type: str
    data: bytes
    s3_location: S3Location
    error: ContentBlockError
    def __init__(self, mime_type: _Optional[str] = ..., data: _Optional[bytes] = ..., s3_location: _Optional[_Union[S3Location, _Mapping]] = ..., error: _Optional[_Union[ContentBlockError, _Mapping]] = ...) -> None: ...

class DocumentBlock(_message.Message):
    __slots__ = ("mime_type", "name", "data", "s3_location", "text", "chunks", "context", "citations_config")
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    S3_LOCATION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CITATIONS_CONFIG_FIELD_NUMBER: _ClassVar[int]
    mime_type: str
    name: str
    data: bytes
    s3_location: S3Location
    text: str
    chunks: DocumentChunks
    context: str
    citations_config: CitationsConfig
    def __init__(self, mime_type: _Optional[str] = ..., name: _Optional[str] = ..., data: _Optional[bytes] = ..., s3_location: _Optional[_Union[S3Location, _Mapping]] = ..., text: _Optional[str] = ..., chunks: _Optional[_Union[DocumentChunks, _Mapping]] = ..., context: _Optional[str] = ..., citations_config: _Optional[_Union[CitationsConfig, _Mapping]] = ...) -> None: ...

class DocumentChunks(_message.Message):
    __slots__ = ("chunks",)
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    chunks: _containers.RepeatedCompositeFieldContainer[DocumentChunk]
    def __init__(self, chunks: _Optional[_Iterable[_Union[DocumentChunk, _Mapping]]] = ...) -> None: ...

class DocumentChunk(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class CitationsConfig(_message.Message):
    __slots__ = ("enabled",)
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    def __init__(self, enabled: bool = ...) -> None: ...

class VideoBlock(_message.Message):
    __slots__ = ("mime_type", "data", "s3_location")
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    S3_LOCATION_FIELD_NUMBER: _ClassVar[int]
    mime_type: str
    data: bytes
    s3_location: S3Location
    def __init__(self, mime_type: _Optional[str] = ..., data: _Optional[bytes] = ..., s3_location: _Optional[_Union[S3Location, _Mapping]] = ...) -> None: ...

class AudioBlock(_message.Message):
    __slots__ = ("mime_type", "data", "s3_location", "error")
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    S3_LOCATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    mime_type: str
    data: bytes
    s3_location: S3Location
    error: ContentBlockError
    def __init__(self, mime_type: _Optional[str] = ..., data: _Optional[bytes] = ..., s3_location: _Optional[_Union[S3Location, _Mapping]] = ..., error: _Optional[_Union[ContentBlockError, _Mapping]] = ...) -> None: ...

class ContentBlockError(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: str
    def __init__(self, message: _Optional[str] = ...) -> None: ...

class ToolUseBlock(_message.Message):
    __slots__ = ("tool_use_id", "name", "input_json", "type")
    TOOL_USE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    INPUT_JSON_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    tool_use_id: str
    name: str
    input_json: str
    type: ToolUseType
    def __init__(self, tool_use_id: _Optional[str] = ..., name: _Optional[str] = ..., input_json: _Optional[str] = ..., type: _Optional[_Union[ToolUseType, str]] = ...) -> None: ...

class ToolResultBlock(_message.Message):
    __slots__ = ("tool_use_id", "content", "status", "type")
    TOOL_USE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    tool_use_id: str
    content: _containers.RepeatedCompositeFieldContainer[ToolResultContentBlock]
    status: ToolResultStatus
    type: str
    def __init__(self, tool_use_id: _Optional[str] = ..., content: _Optional[_Iterable[_Union[ToolResultContentBlock, _Mapping]]] = ..., status: _Optional[_Union[ToolResultStatus, str]] = ..., type: _Optional[str] = ...) -> None: ...

class ToolResultContentBlock(_message.Message):
    __slots__ = ("json", "text", "image", "document", "video", "search_result")
    JSON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    VIDEO_FIELD_NUMBER: _ClassVar[int]
    SEARCH_RESULT_FIELD_NUMBER: _ClassVar[int]
    json: str
    text: str
    image: ImageBlock
    document: DocumentBlock
    video: VideoBlock
    search_result: SearchResultBlock
    def __init__(self, json: _Optional[str] = ..., text: _Optional[str] = ..., image: _Optional[_Union[ImageBlock, _Mapping]] = ..., document: _Optional[_Union[DocumentBlock, _Mapping]] = ..., video: _Optional[_Union[VideoBlock, _Mapping]] = ..., search_result: _Optional[_Union[SearchResultBlock, _Mapping]] = ...) -> None: ...

class ReasoningBlock(_message.Message):
    __slots__ = ("reasoning_text", "redacted_content", "model")
    REASONING_TEXT_FIELD_NUMBER: _ClassVar[int]
    REDACTED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    reasoning_text: ReasoningText
    redacted_content: bytes
    model: str
    def __init__(self, reasoning_text: _Optional[_Union[ReasoningText, _Mapping]] = ..., redacted_content: _Optional[bytes] = ..., model: _Optional[str] = ...) -> None: ...

class ReasoningText(_message.Message):
    __slots__ = ("text", "signature")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    text: str
    signature: str
    def __init__(self, text: _Optional[str] = ..., signature: _Optional[str] = ...) -> None: ...

class CitedContentBlock(_message.Message):
    __slots__ = ("content", "citations")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    CITATIONS_FIELD_NUMBER: _ClassVar[int]
    content: _containers.RepeatedCompositeFieldContainer[CitedText]
    citations: _containers.RepeatedCompositeFieldContainer[Citation]
    def __init__(self, content: _Optional[_Iterable[_Union[CitedText, _Mapping]]] = ..., citations: _Optional[_Iterable[_Union[Citation, _Mapping]]] = ...) -> None: ...

class CitedText(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class Citation(_message.Message):
    __slots__ = ("title", "source", "source_content", "location")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_CONTENT_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    title: str
    source: str
    source_content: _containers.RepeatedCompositeFieldContainer[CitedSourceContent]
    location: CitationLocation
    def __init__(self, title: _Optional[str] = ..., source: _Optional[str] = ..., source_content: _Optional[_Iterable[_Union[CitedSourceContent, _Mapping]]] = ..., location: _Optional[_Union[CitationLocation, _Mapping]] = ...) -> None: ...

class CitedSourceContent(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class CitationLocation(_message.Message):
    __slots__ = ("web", "document_characters", "document_pages", "document_chunks", "search_result")
    WEB_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_PAGES_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_CHUNKS_FIELD_NUMBER: _ClassVar[int]
    SEARCH_RESULT_FIELD_NUMBER: _ClassVar[int]
    web: WebLocation
    document_characters: DocumentRange
    document_pages: DocumentRange
    document_chunks: DocumentRange
    search_result: SearchResultRange
    def __init__(self, web: _Optional[_Union[WebLocation, _Mapping]] = ..., document_characters: _Optional[_Union[DocumentRange, _Mapping]] = ..., document_pages: _Optional[_Union[DocumentRange, _Mapping]] = ..., document_chunks: _Optional[_Union[DocumentRange, _Mapping]] = ..., search_result: _Optional[_Union[SearchResultRange, _Mapping]] = ...) -> None: ...

class WebLocation(_message.Message):
    __slots__ = ("url", "domain")
    URL_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    url: str
    domain: str
    def __init__(self, url: _Optional[str] = ..., domain: _Optional[str] = ...) -> None: ...

class DocumentRange(_message.Message):
    __slots__ = ("document_index", "start", "end")
    DOCUMENT_INDEX_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    document_index: int
    start: int
    end: int
    def __init__(self, document_index: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class SearchResultRange(_message.Message):
    __slots__ = ("search_result_index", "start", "end")
    SEARCH_RESULT_INDEX_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    search_result_index: int
    start: int
    end: int
    def __init__(self, search_result_index: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class SearchResultBlock(_message.Message):
    __slots__ = ("source", "title", "content", "citations_config")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    CITATIONS_CONFIG_FIELD_NUMBER: _ClassVar[int]
    source: str
    title: str
    content: _containers.RepeatedCompositeFieldContainer[SearchResultContentBlock]
    citations_config: CitationsConfig
    def __init__(self, source: _Optional[str] = ..., title: _Optional[str] = ..., content: _Optional[_Iterable[_Union[SearchResultContentBlock, _Mapping]]] = ..., citations_config: _Optional[_Union[CitationsConfig, _Mapping]] = ...) -> None: ...

class SearchResultContentBlock(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class GuardContentBlock(_message.Message):
    __slots__ = ("text", "image")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    text: GuardText
    image: GuardImage
    def __init__(self, text: _Optional[_Union[GuardText, _Mapping]] = ..., image: _Optional[_Union[GuardImage, _Mapping]] = ...) -> None: ...

class GuardText(_message.Message):
    __slots__ = ("text", "qualifiers")
    class Qualifier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        QUALIFIER_UNSPECIFIED: _ClassVar[GuardText.Qualifier]
        QUALIFIER_GROUNDING_SOURCE: _ClassVar[GuardText.Qualifier]
        QUALIFIER_QUERY: _ClassVar[GuardText.Qualifier]
        QUALIFIER_GUARD_CONTENT: _ClassVar[GuardText.Qualifier]
    QUALIFIER_UNSPECIFIED: GuardText.Qualifier
    QUALIFIER_GROUNDING_SOURCE: GuardText.Qualifier
    QUALIFIER_QUERY: GuardText.Qualifier
    QUALIFIER_GUARD_CONTENT: GuardText.Qualifier
    TEXT_FIELD_NUMBER: _ClassVar[int]
    QUALIFIERS_FIELD_NUMBER: _ClassVar[int]
    text: str
    qualifiers: _containers.RepeatedScalarFieldContainer[GuardText.Qualifier]
    def __init__(self, text: _Optional[str] = ..., qualifiers: _Optional[_Iterable[_Union[GuardText.Qualifier, str]]] = ...) -> None: ...

class GuardImage(_message.Message):
    __slots__ = ("mime_type", "data")
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    mime_type: str
    data: bytes
    def __init__(self, mime_type: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...

class CachePointBlock(_message.Message):
    __slots__ = ("type", "ttl")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[CachePointBlock.Type]
        TYPE_DEFAULT: _ClassVar[CachePointBlock.Type]
    TYPE_UNSPECIFIED: CachePointBlock.Type
    TYPE_DEFAULT: CachePointBlock.Type
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    type: CachePointBlock.Type
    ttl: _duration_pb2.Duration
    def __init__(self, type: _Optional[_Union[CachePointBlock.Type, str]] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ToolAdditionBlock(_message.Message):
    __slots__ = ("tool",)
    TOOL_FIELD_NUMBER: _ClassVar[int]
    tool: ToolReference
    def __init__(self, tool: _Optional[_Union[ToolReference, _Mapping]] = ...) -> None: ...

class ToolRemovalBlock(_message.Message):
    __slots__ = ("tool",)
    TOOL_FIELD_NUMBER: _ClassVar[int]
    tool: ToolReference
    def __init__(self, tool: _Optional[_Union[ToolReference, _Mapping]] = ...) -> None: ...

class ToolReference(_message.Message):
    __slots__ = ("type", "name", "server_name")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SERVER_NAME_FIELD_NUMBER: _ClassVar[int]
    type: str
    name: str
    server_name: str
    def __init__(self, type: _Optional[str] = ..., name: _Optional[str] = ..., server_name: _Optional[str] = ...) -> None: ...
