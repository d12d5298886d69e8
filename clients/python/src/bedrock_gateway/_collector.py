"""Joins the events of a stream into the answer that `Invoke` would have given."""

from typing import Protocol

from google.protobuf.struct_pb2 import Struct

from bedrock.gateway.v1.content_pb2 import (
    CitedContentBlock,
    CitedText,
    ContentBlock,
    ImageBlock,
    Message,
    ReasoningBlock,
    ReasoningText,
    Role,
    ToolResultBlock,
    ToolResultContentBlock,
    ToolUseBlock,
)
from bedrock.gateway.v1.inference_service_pb2 import InvokeResponse
from bedrock.gateway.v1.results_pb2 import InvocationMetadata
from bedrock.gateway.v1.stream_pb2 import (
    ContentBlockDeltaEvent,
    ContentBlockStartEvent,
    ImageBlockDelta,
    ImageBlockStart,
    InvokeStreamResponse,
    MessageStopEvent,
    ReasoningBlockStart,
    ToolResultBlockStart,
    ToolUseBlockStart,
)
from bedrock_gateway.errors import incomplete


class Collector:
    """Joins the events of a stream, fed one by one, into an answer.

    What came so far is there at any time, as `message` and `text`. The answer as a whole is there
    only behind the last event. Events of kinds that this version does not know are skipped. If the
    gateway begins anew with another model (`RECOVERY_RESTART`), what came before is forgotten.

    ```python
    collector = Collector()
    for event in client.stream("Name three moons of Jupiter."):
        collector.add(event)
        show(collector.text)
    answer = collector.response()
    ```
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._role = Role.ROLE_UNSPECIFIED
        self._blocks: dict[int, _Block] = {}
        self._stop: MessageStopEvent | None = None
        self._metadata: InvocationMetadata | None = None

    def add(self, event: InvokeStreamResponse) -> None:
        """Takes the next event of the stream."""
        match event.WhichOneof("event"):
            case "content_block_delta":
                delta = event.content_block_delta
                if block := self._blocks.get(delta.content_block_index):
                    block.extend(delta)
            case "content_block_start":
                start = event.content_block_start
                self._blocks[start.content_block_index] = _opened(start)
            case "message_start":
                self._role = event.message_start.role
            case "message_stop":
                self._stop = event.message_stop
            case "metadata":
                self._metadata = event.metadata
            case "attempt" if event.attempt.output_discarded:
                self._begin()
            case _:
                pass

    @property
    def is_complete(self) -> bool:
        """Whether the last event has come."""
        return self._stop is not None and self._metadata is not None

    @property
    def message(self) -> Message:
        """A copy of the message as far as it came. It may end in the middle of a word."""
        blocks = (self._blocks[index].built() for index in sorted(self._blocks))
        return Message(role=self._role, content=blocks)

    @property
    def text(self) -> str:
        """The text as far as it came."""
        return _text(self.message)

    def response(self) -> InvokeResponse:
        """The answer, equal to what `Client.invoke` gives.

        Raises:
            GatewayError: with DATA_LOSS, if the last event has not come.
        """
        if self._stop is None or self._metadata is None:
            raise incomplete()
        message = self.message
        fields: Struct | None = None
        if self._stop.HasField("additional_model_response_fields"):
            fields = self._stop.additional_model_response_fields
        return InvokeResponse(
            text=_text(message),
            message=message,
            stop_reason=self._stop.stop_reason,
            raw_stop_reason=self._stop.raw_stop_reason,
            additional_model_response_fields=fields,
            metadata=self._metadata,
        )


def _text(message: Message) -> str:
    """The text of the blocks that have some, joined."""
    texts: list[str] = []
    for block in message.content:
        if block.HasField("cited_content"):
            texts.extend(part.text for part in block.cited_content.content)
        else:
            texts.append(block.text)
    return "".join(texts)


class _Block(Protocol):
    """A block that grows. A delta that does not suit it is left out."""

    def extend(self, delta: ContentBlockDeltaEvent) -> None: ...

    def built(self) -> ContentBlock: ...


def _opened(event: ContentBlockStartEvent) -> _Block:
    block: _Block
    match event.WhichOneof("start"):
        case "text":
            block = _TextBlock()
        case "tool_use":
            block = _ToolUseBlock(event.tool_use)
        case "tool_result":
            block = _ToolResultBlock(event.tool_result)
        case "reasoning":
            block = _ReasoningBlock(event.reasoning)
        case "image":
            block = _ImageBlock(event.image)
        case _:
            # Or of a kind that this version does not know, which keeps its place, as in an answer
            # that comes whole.
            block = _WholeBlock(event.whole)
    return block


class _TextBlock:
    """Text; with citations, cited content of one text."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._cited = CitedContentBlock()

    def extend(self, delta: ContentBlockDeltaEvent) -> None:
        match delta.WhichOneof("delta"):
            case "text":
                self._text.append(delta.text)
            case "citation":
                self._cited.citations.append(delta.citation)
            case _:
                pass

    def built(self) -> ContentBlock:
        text = "".join(self._text)
        if not self._cited.citations:
            return ContentBlock(text=text)
        cited = CitedContentBlock(content=[CitedText(text=text)], citations=self._cited.citations)
        return ContentBlock(cited_content=cited)


class _ToolUseBlock:
    """A tool call, whose input comes in pieces of JSON text."""

    def __init__(self, start: ToolUseBlockStart) -> None:
        self._start = start
        self._input: list[str] = []

    def extend(self, delta: ContentBlockDeltaEvent) -> None:
        if delta.HasField("tool_use"):
            self._input.append(delta.tool_use.input_json)

    def built(self) -> ContentBlock:
        call = ToolUseBlock(
            tool_use_id=self._start.tool_use_id,
            name=self._start.name,
            input_json="".join(self._input),
            type=self._start.type,
        )
        return ContentBlock(tool_use=call)


class _ToolResultBlock:
    """The output of a tool that the provider ran. Texts in a row are one."""

    def __init__(self, start: ToolResultBlockStart) -> None:
        self._start = start
        self._content: list[list[str] | ToolResultContentBlock] = []

    def extend(self, delta: ContentBlockDeltaEvent) -> None:
        for item in delta.tool_result.items:
            match item.WhichOneof("item"):
                case "text":
                    last = self._content[-1] if self._content else None
                    if isinstance(last, list):
                        last.append(item.text)
                    else:
                        self._content.append([item.text])
                case "json":
                    self._content.append(ToolResultContentBlock(json=item.json))
                case _:
                    pass

    def built(self) -> ContentBlock:
        content = (
            ToolResultContentBlock(text="".join(part)) if isinstance(part, list) else part
            for part in self._content
        )
        result = ToolResultBlock(
            tool_use_id=self._start.tool_use_id,
            content=content,
            status=self._start.status,
            type=self._start.type,
        )
        return ContentBlock(tool_result=result)


class _ReasoningBlock:
    """Reasoning: text with a signature, or encrypted."""

    def __init__(self, start: ReasoningBlockStart) -> None:
        self._model = start.model
        self._text: list[str] | None = None
        self._signature = ""
        self._redacted: list[bytes] | None = None

    def extend(self, delta: ContentBlockDeltaEvent) -> None:
        piece = delta.reasoning
        match piece.WhichOneof("delta"):
            case "redacted_content":
                self._redacted = [*(self._redacted or []), piece.redacted_content]
            case "text":
                self._text = self._text or []
                self._text.append(piece.text)
            case "signature":
                self._text = self._text or []
                self._signature = piece.signature
            case _:
                pass

    def built(self) -> ContentBlock:
        block = ReasoningBlock(model=self._model)
        if self._redacted is not None:
            block.redacted_content = b"".join(self._redacted)
        elif self._text is not None:
            text = ReasoningText(text="".join(self._text), signature=self._signature)
            block.reasoning_text.CopyFrom(text)
        return ContentBlock(reasoning=block)


class _ImageBlock:
    """An image: bytes in pieces, or where it is stored."""

    def __init__(self, start: ImageBlockStart) -> None:
        self._image = ImageBlock(mime_type=start.mime_type)
        self._data: list[bytes] = []

    def extend(self, delta: ContentBlockDeltaEvent) -> None:
        piece: ImageBlockDelta = delta.image
        match piece.WhichOneof("source"):
            case "data":
                self._data.append(piece.data)
            case "s3_location":
                self._data.clear()
                self._image.s3_location.CopyFrom(piece.s3_location)
            case _:
                pass
        if piece.HasField("error"):
            self._image.error.CopyFrom(piece.error)

    def built(self) -> ContentBlock:
        if self._data:
            self._image.data = b"".join(self._data)
        return ContentBlock(image=self._image)


class _WholeBlock:
    """A block that came complete."""

    def __init__(self, block: ContentBlock) -> None:
        self._block = block

    def extend(self, delta: ContentBlockDeltaEvent) -> None:
        """Nothing can follow."""

    def built(self) -> ContentBlock:
        return self._block
