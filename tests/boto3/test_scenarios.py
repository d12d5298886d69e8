"""What boto3 reads from answers that a scenario wrote."""

import pytest
from conftest import OPUS, parsed
from model import on_the_wire

HELLO = [{"role": "user", "content": [{"text": "Hello there"}]}]
PICTURE = bytes(range(256)) * 40
CITATION = {
    "title": "a document",
    "source": "doc-0",
    "sourceContent": [{"text": "the quoted words"}],
    "location": {"documentChar": {"documentIndex": 0, "start": 3, "end": 9}},
}
# As boto3 returns them: bytes where the wire has base64.
CONTENT = [
    {"reasoningContent": {"reasoningText": {"text": "one two three four", "signature": "c2ln"}}},
    {"reasoningContent": {"redactedContent": b"\x00\x01\x02"}},
    {"text": "some words and some more"},
    {
        "toolUse": {
            "toolUseId": "srvtoolu_1",
            "name": "web_search",
            "input": {"n": 9007199254740993, "a": [1.5]},
            "type": "server_tool_use",
        }
    },
    {
        "toolResult": {
            "toolUseId": "srvtoolu_1",
            "status": "success",
            "type": "web_search_tool_result",
            "content": [{"text": "found"}, {"json": {"hits": 2}}],
        }
    },
    {"image": {"format": "png", "source": {"bytes": PICTURE}}},
    {"image": {"format": "jpeg", "source": {"s3Location": {"uri": "s3://bucket/key"}}}},
    {"citationsContent": {"content": [{"text": "said because of it"}], "citations": [CITATION]}},
]


def test_content_of_a_scenario_is_answered_as_written(client, control):
    control.set("*", {"reply": {"content": on_the_wire(CONTENT)}})

    response = client.converse(modelId=OPUS, messages=HELLO)

    assert response["output"]["message"]["content"] == CONTENT
    assert response["stopReason"] == "end_turn"


def test_content_of_a_scenario_is_streamed_in_pieces(client, control):
    control.set("*", {"reply": {"content": on_the_wire(CONTENT)}})

    starts, deltas = {}, {}
    for event in client.converse_stream(modelId=OPUS, messages=HELLO)["stream"]:
        (kind, value), = event.items()
        if kind == "contentBlockStart":
            starts[value["contentBlockIndex"]] = value["start"]
        elif kind == "contentBlockDelta":
            deltas.setdefault(value["contentBlockIndex"], []).append(value["delta"])

    def joined(index, *path):
        parts = []
        for delta in deltas[index]:
            for name in path:
                delta = delta.get(name, {})
            if delta:
                parts.append(delta)
        return type(parts[0])().join(parts)

    assert joined(0, "reasoningContent", "text") == "one two three four"
    assert joined(0, "reasoningContent", "signature") == "c2ln"
    assert joined(1, "reasoningContent", "redactedContent") == b"\x00\x01\x02"
    assert joined(2, "text") == "some words and some more"
    assert joined(3, "toolUse", "input") == '{"n":9007199254740993,"a":[1.5]}'
    assert deltas[4] == [{"toolResult": CONTENT[4]["toolResult"]["content"]}]
    assert joined(5, "image", "source", "bytes") == PICTURE
    assert len(deltas[5]) > 2
    assert deltas[6] == [{"image": {"source": CONTENT[6]["image"]["source"]}}]
    assert joined(7, "text") == "said because of it"
    assert deltas[7][-1] == {"citation": CITATION}
    assert starts == {
        3: {"toolUse": {k: v for k, v in CONTENT[3]["toolUse"].items() if k != "input"}},
        4: {"toolResult": {k: v for k, v in CONTENT[4]["toolResult"].items() if k != "content"}},
        5: {"image": {"format": "png"}},
        6: {"image": {"format": "jpeg"}},
    }


def test_a_block_that_has_no_events_cannot_be_streamed(client, control):
    document = {"document": {"name": "d", "format": "txt", "source": {"text": "x"}}}
    control.set("*", {"reply": {"content": [document]}})

    whole = client.converse(modelId=OPUS, messages=HELLO)
    with pytest.raises(client.exceptions.ValidationException) as refused:
        client.converse_stream(modelId=OPUS, messages=HELLO)

    assert whole["output"]["message"]["content"] == [document]
    assert "cannot be streamed" in str(refused.value)


def test_members_of_the_reply_can_be_set_and_replaced(client, control):
    members = {
        "stopReason": "model_context_window_exceeded",
        "usage": {
            "inputTokens": 1,
            "outputTokens": 2,
            "totalTokens": 3,
            "cacheDetails": [{"ttl": "1h", "inputTokens": 4}],
        },
        "metrics": {"latencyMs": 5},
        "additionalModelResponseFields": {"a": {"b": 6}},
        "trace": {"promptRouter": {"invokedModelId": "m"}},
        "performanceConfig": {"latency": "optimized"},
        "serviceTier": {"type": "flex"},
    }
    control.set("*", {"reply": {"members": members}})

    whole = client.converse(modelId=OPUS, messages=HELLO)
    *_, stop, last = client.converse_stream(modelId=OPUS, messages=HELLO)["stream"]

    streamed = stop["messageStop"] | last["metadata"]
    for name, value in members.items():
        assert whole[name] == value
        assert streamed[name] == value


def test_events_of_a_scenario_are_streamed_as_written(client, control):
    events = [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 3, "delta": {"text": "odd"}}},
        {"messageStop": {"stopReason": "somethingNew"}},
    ]
    control.set("*", {"reply": {"events": events}})

    streamed = list(client.converse_stream(modelId=OPUS, messages=HELLO)["stream"])

    assert streamed == events


def test_members_of_an_exception_in_a_stream_are_sent(client, control):
    members = {"originalStatusCode": 529, "originalMessage": "overloaded"}
    failure = {"name": "modelStreamErrorException", "message": "m", "members": members}
    control.set("*", {"streamException": {**failure, "afterEvents": 1}})

    stream = client.converse_stream(modelId=OPUS, messages=HELLO)["stream"]
    _, exception = parsed(client, stream)

    assert exception == ("modelStreamErrorException", {"message": "m", **members})


def test_members_of_an_exception_before_a_stream_are_sent(client, control):
    members = {"originalStatusCode": 529, "resourceName": "r"}
    control.set("*", {"exception": {"name": "ModelErrorException", "members": members}})

    with pytest.raises(client.exceptions.ModelErrorException) as caught:
        client.converse_stream(modelId=OPUS, messages=HELLO)

    response = caught.value.response
    assert {name: response[name] for name in members} == members
