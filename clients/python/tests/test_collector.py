"""The collector, on lists of events made by hand."""

from collections.abc import Mapping
from typing import TypeAlias

import grpc
import pytest
from google.protobuf.json_format import ParseDict

from bedrock_gateway import Collector, GatewayError, v1

Event: TypeAlias = Mapping[str, object]

START: Event = {"message_start": {"role": "ROLE_ASSISTANT", "model": "m", "request_id": "r"}}
STOP: Event = {
    "message_stop": {"stop_reason": "STOP_REASON_END_TURN", "raw_stop_reason": "end_turn"}
}
METADATA: Event = {"metadata": {"request_id": "r", "model": "m"}}


def opened(index: int, **start: object) -> Event:
    return {"content_block_start": {"content_block_index": index, **start}}


def grown(index: int, **delta: object) -> Event:
    return {"content_block_delta": {"content_block_index": index, **delta}}


def closed(index: int) -> Event:
    return {"content_block_stop": {"content_block_index": index}}


def event(members: Event) -> v1.InvokeStreamResponse:
    return ParseDict(dict(members), v1.InvokeStreamResponse())


def fed(*events: Event) -> Collector:
    collector = Collector()
    for one in events:
        collector.add(event(one))
    return collector


def content(*events: Event) -> list[v1.ContentBlock]:
    return list(fed(START, *events, STOP, METADATA).response().message.content)


def block(**block: object) -> v1.ContentBlock:
    return ParseDict(block, v1.ContentBlock())


def test_answer_has_all_that_the_stream_told() -> None:
    stop = {
        "message_stop": {
            "stop_reason": "STOP_REASON_END_TURN",
            "raw_stop_reason": "end_turn",
            "additional_model_response_fields": {"a": 1},
        }
    }

    answer = fed(
        START,
        opened(0, text={}),
        grown(0, text="Io, "),
        grown(0, text="Europa"),
        closed(0),
        stop,
        METADATA,
    ).response()

    assert answer == ParseDict(
        {
            "text": "Io, Europa",
            "message": {"role": "ROLE_ASSISTANT", "content": [{"text": "Io, Europa"}]},
            "stop_reason": "STOP_REASON_END_TURN",
            "raw_stop_reason": "end_turn",
            "additional_model_response_fields": {"a": 1},
            "metadata": METADATA["metadata"],
        },
        v1.InvokeResponse(),
    )


def test_answer_without_fields_of_the_model_has_none() -> None:
    answer = fed(START, STOP, METADATA).response()

    assert not answer.HasField("additional_model_response_fields")
    assert answer.HasField("message")
    assert answer.text == ""


def test_empty_text_is_a_block_too() -> None:
    assert content(opened(0, text={}), closed(0)) == [block(text="")]


def test_blocks_may_interleave() -> None:
    assert content(
        opened(1, text={}),
        opened(0, text={}),
        grown(1, text="c"),
        grown(0, text="a"),
        grown(1, text="d"),
        grown(0, text="b"),
    ) == [block(text="ab"), block(text="cd")]


def test_cited_text_becomes_cited_content() -> None:
    moons = {"title": "Moons", "location": {"web": {"url": "https://example.com"}}}
    more = {"title": "More"}
    events = (
        opened(0, text={}),
        grown(0, text="Io "),
        grown(0, citation=moons),
        grown(0, text="is hot"),
        grown(0, citation=more),
        opened(1, text={}),
        grown(1, text="."),
    )

    assert content(*events) == [
        block(cited_content={"content": [{"text": "Io is hot"}], "citations": [moons, more]}),
        block(text="."),
    ]
    assert fed(START, *events, STOP, METADATA).response().text == "Io is hot."


def test_tool_input_is_joined() -> None:
    assert content(
        opened(0, tool_use={"tool_use_id": "t", "name": "weather"}),
        grown(0, tool_use={"input_json": '{"city"'}),
        grown(0, tool_use={"input_json": ': "Oslo"}'}),
    ) == [block(tool_use={"tool_use_id": "t", "name": "weather", "input_json": '{"city": "Oslo"}'})]


def test_tool_output_joins_texts_in_a_row() -> None:
    start = {"tool_use_id": "t", "type": "search", "status": "TOOL_RESULT_STATUS_SUCCESS"}

    assert content(
        opened(0, tool_result=start),
        grown(0, tool_result={"items": [{"text": "a"}, {"text": "b"}]}),
        grown(0, tool_result={"items": [{"text": "c"}, {"json": "[1]"}, {"text": "d"}]}),
    ) == [
        block(tool_result={**start, "content": [{"text": "abc"}, {"json": "[1]"}, {"text": "d"}]})
    ]


def test_reasoning_keeps_the_last_signature() -> None:
    assert content(
        opened(0, reasoning={"model": "m"}),
        grown(0, reasoning={"text": "hm"}),
        grown(0, reasoning={"signature": "first"}),
        grown(0, reasoning={"text": "m"}),
        grown(0, reasoning={"signature": "last"}),
    ) == [block(reasoning={"model": "m", "reasoning_text": {"text": "hmm", "signature": "last"}})]


def test_reasoning_may_be_a_signature_alone_or_nothing() -> None:
    assert content(
        opened(0, reasoning={"model": "m"}),
        grown(0, reasoning={"signature": "s"}),
        opened(1, reasoning={"model": "m"}),
    ) == [
        block(reasoning={"model": "m", "reasoning_text": {"signature": "s"}}),
        block(reasoning={"model": "m"}),
    ]


def test_encrypted_reasoning_is_joined() -> None:
    assert content(
        opened(0, reasoning={"model": "m"}),
        grown(0, reasoning={"redacted_content": "AAE="}),
        grown(0, reasoning={"redacted_content": "Ag=="}),
    ) == [block(reasoning={"model": "m", "redacted_content": "AAEC"})]


def test_image_is_joined_or_stored_or_failed() -> None:
    assert content(
        opened(0, image={"mime_type": "image/png"}),
        grown(0, image={"data": "AAE="}),
        grown(0, image={"data": "Ag=="}),
        opened(1, image={"mime_type": "image/png"}),
        grown(1, image={"s3_location": {"uri": "s3://b/k"}}),
        opened(2, image={"mime_type": "image/png"}),
        grown(2, image={"error": {"message": "too large"}}),
    ) == [
        block(image={"mime_type": "image/png", "data": "AAEC"}),
        block(image={"mime_type": "image/png", "s3_location": {"uri": "s3://b/k"}}),
        block(image={"mime_type": "image/png", "error": {"message": "too large"}}),
    ]


def test_whole_block_is_taken_as_it_is() -> None:
    whole = {"search_result": {"source": "s", "title": "t", "content": [{"text": "x"}]}}

    assert content(opened(0, whole=whole), closed(0)) == [block(**whole)]


def test_whole_block_with_text_counts_as_text() -> None:
    cited = {"cited_content": {"content": [{"text": "a"}, {"text": "b"}]}}
    events = (opened(0, whole=cited), opened(1, text={}), grown(1, text="c"))

    assert fed(START, *events, STOP, METADATA).response().text == "abc"


def test_block_of_an_unknown_kind_keeps_its_place() -> None:
    assert content(opened(0), opened(1, text={}), grown(1, text="a")) == [block(), block(text="a")]


def test_events_that_change_nothing_are_skipped() -> None:
    assert content(
        {},
        {"heartbeat": {}},
        {"attempt": {"attempt": {"number": 1}}},
        grown(7, text="of no block"),
        opened(0, text={}),
        grown(0, tool_use={"input_json": "of another kind"}),
        grown(0),
        grown(0, text="a"),
    ) == [block(text="a")]


def test_restart_forgets_what_came_before() -> None:
    collector = fed(
        START,
        opened(0, text={}),
        grown(0, text="wrong"),
        opened(1, text={}),
        {"attempt": {"attempt": {"number": 1, "model": "m"}, "output_discarded": True}},
    )

    assert collector.message == v1.Message()
    for one in (START, opened(0, text={}), grown(0, text="right"), STOP, METADATA):
        collector.add(event(one))
    assert collector.response().text == "right"


def test_message_is_there_while_it_grows() -> None:
    collector = fed(START, opened(0, text={}), grown(0, text="Io"))

    first = collector.message
    collector.add(event(grown(0, text=", Europa")))

    assert (first.content[0].text, collector.text) == ("Io", "Io, Europa")
    assert not collector.is_complete


@pytest.mark.parametrize(
    "events",
    [
        [],
        [START, opened(0, text={}), grown(0, text="half")],
        [START, opened(0, text={}), grown(0, text="all"), STOP],
        [START, opened(0, text={}), grown(0, text="all"), METADATA],
    ],
)
def test_part_of_an_answer_is_never_given_as_a_whole(events: list[Event]) -> None:
    with pytest.raises(GatewayError, match="not complete") as incomplete:
        fed(*events).response()

    assert incomplete.value.code is grpc.StatusCode.DATA_LOSS
