"""What boto3 reads from answers to the rarer members of a request."""

import json

import jsonschema
import pytest
from conftest import OPUS, OPUS_BASE, SONNET, parsed

PROMPT = "arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ:7"
ROUTER = "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1"
SONNET_5 = "us.anthropic.claude-sonnet-5"
NOVA = "us.amazon.nova-pro-v1:0"
GUARDRAIL = {"guardrailIdentifier": "abc123", "guardrailVersion": "7", "trace": "enabled"}


def user(*content):
    return [{"role": "user", "content": list(content)}]


HELLO = user({"text": "Hello there"})


def tool(name):
    schema = {"json": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    return {"toolSpec": {"name": name, "inputSchema": schema}}


def content(response):
    return response["output"]["message"]["content"]


def streamed(client, **request):
    """Text, stop reason and metadata of a stream."""
    text, stop, metadata = "", None, None
    for event in client.converse_stream(**request)["stream"]:
        text += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
        stop = event.get("messageStop", {}).get("stopReason", stop)
        metadata = event.get("metadata", metadata)
    return text, stop, metadata


def test_a_stored_prompt_answers_from_its_variables(client):
    variables = {"city": {"text": "Paris"}, "days": {"text": "3"}}

    whole = client.converse(modelId=PROMPT, promptVariables=variables)
    text, stop, _ = streamed(client, modelId=PROMPT, promptVariables=variables)

    assert "filled in with [city = Paris; days = 3]" in content(whole)[0]["text"]
    assert text == content(whole)[0]["text"]
    assert stop == "end_turn"


@pytest.mark.parametrize(
    "own",
    [
        {"inferenceConfig": {"maxTokens": 5}},
        {"system": [{"text": "be brief"}]},
        {"toolConfig": {"tools": [tool("f")]}},
        {"additionalModelRequestFields": {"top_k": 5}},
    ],
)
def test_a_stored_prompt_brings_the_rest_itself(client, own):
    with pytest.raises(client.exceptions.ValidationException) as refused:
        client.converse(modelId=PROMPT, **own)

    assert next(iter(own)) in str(refused.value)


def test_a_prompt_router_names_the_model_it_chose(client):
    whole = client.converse(modelId=ROUTER, messages=HELLO)
    _, _, metadata = streamed(client, modelId=ROUTER, messages=HELLO)

    chosen = whole["trace"]["promptRouter"]["invokedModelId"]
    assert chosen.startswith("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude")
    assert metadata["trace"] == whole["trace"]


def test_a_guardrail_tells_what_it_examined(client):
    whole = client.converse(modelId=OPUS, messages=HELLO, guardrailConfig=GUARDRAIL)
    text, _, metadata = streamed(client, modelId=OPUS, messages=HELLO, guardrailConfig=GUARDRAIL)

    trace = whole["trace"]["guardrail"]
    metrics = trace["inputAssessment"]["abc123"]["invocationMetrics"]
    assert metrics["guardrailCoverage"]["textCharacters"] == {"guarded": 11, "total": 11}
    assert trace["modelOutput"] == [text] == [content(whole)[0]["text"]]
    assert metadata["trace"]["guardrail"] == trace
    assert whole["stopReason"] == "end_turn"


def test_a_guardrail_is_silent_unless_asked_to_tell(client):
    silent = {**GUARDRAIL, "trace": "disabled"}

    assert "trace" not in client.converse(modelId=OPUS, messages=HELLO, guardrailConfig=silent)


@pytest.mark.parametrize("word", ["EMULATOR-BLOCKED-INPUT", "EMULATOR-BLOCKED-OUTPUT"])
def test_a_guardrail_intervenes_on_its_words(client, word):
    request = {"modelId": OPUS, "messages": user({"text": f"say {word}"})}
    whole = client.converse(guardrailConfig=GUARDRAIL, **request)
    text, stop, metadata = streamed(client, guardrailConfig=GUARDRAIL, **request)
    unguarded = client.converse(**request)

    trace = whole["trace"]["guardrail"]
    assert whole["stopReason"] == stop == "guardrail_intervened"
    assert text == content(whole)[0]["text"] == "[emulator] blocked by the guardrail"
    assert trace["actionReason"] == metadata["trace"]["guardrail"]["actionReason"]
    assert word in json.dumps(trace)
    assert (whole["usage"]["totalTokens"] == 0) == (word == "EMULATOR-BLOCKED-INPUT")
    assert unguarded["stopReason"] == "end_turn"


def test_tier_and_latency_are_repeated(client):
    served = {"serviceTier": {"type": "flex"}, "performanceConfig": {"latency": "optimized"}}

    whole = client.converse(modelId=NOVA, messages=HELLO, **served)
    _, _, metadata = streamed(client, modelId=NOVA, messages=HELLO, **served)

    assert {name: whole[name] for name in served} == served
    assert {name: metadata[name] for name in served} == served


def test_fields_of_the_models_own_reply_are_handed_through(client):
    paths = ["/stop_sequence", "/usage/output_tokens", "/not/there"]

    whole = client.converse(
        modelId=OPUS, messages=HELLO, additionalModelResponseFieldPaths=paths
    )
    none = client.converse(
        modelId=OPUS, messages=HELLO, additionalModelResponseFieldPaths=["/not/there"]
    )

    assert whole["additionalModelResponseFields"] == {
        "stop_sequence": None,
        "usage": {"output_tokens": whole["usage"]["outputTokens"]},
    }
    assert "additionalModelResponseFields" not in none


def test_what_goes_into_the_cache_is_told_by_its_time_to_live(client):
    long_lived = [{"text": "kept for an hour " * 400}, {"cachePoint": {"type": "default", "ttl": "1h"}}]
    short_lived = [{"text": "kept for a moment " * 400}, {"cachePoint": {"type": "default"}}]
    request = {
        "modelId": SONNET,
        "system": long_lived,
        "messages": user(*short_lived, {"text": "and a question"}),
    }
    first = client.converse(**request)["usage"]
    second = client.converse(**request)["usage"]

    details = {detail["ttl"]: detail["inputTokens"] for detail in first["cacheDetails"]}
    assert list(details) == ["1h", "5m"]
    assert sum(details.values()) == first["cacheWriteInputTokens"]
    assert second["cacheReadInputTokens"] == first["cacheWriteInputTokens"]
    assert "cacheDetails" not in second


def sources():
    cited = {"citations": {"enabled": True}}
    documents = [
        {"text": "words of a note"},
        {"content": [{"text": "first chunk"}, {"text": "second chunk"}]},
        {"bytes": b"%PDF-1.7\n"},
    ]
    blocks = [
        {"document": {"name": f"source {index}", "format": "pdf", "source": source, **cited}}
        for index, source in enumerate(documents)
    ]
    result = {"source": "https://example.com/a", "title": "A page", "content": [{"text": "words"}]}
    return blocks, {"searchResult": {**result, **cited}}


def test_sources_are_cited_where_they_stand(client):
    documents, result = sources()

    whole = client.converse(modelId=OPUS, messages=user({"text": "Cite."}, *documents))
    search = client.converse(modelId=OPUS, messages=user({"text": "Cite."}, result))

    cited = [block["citationsContent"] for block in content(whole)[1:]]
    assert [block["citations"][0]["location"] for block in cited] == [
        {"documentChar": {"documentIndex": 0, "start": 0, "end": 15}},
        {"documentChunk": {"documentIndex": 1, "start": 0, "end": 1}},
        {"documentPage": {"documentIndex": 2, "start": 1, "end": 2}},
    ]
    assert cited[0]["citations"][0]["sourceContent"] == [{"text": "words of a note"}]
    assert all(block["content"][0]["text"] for block in cited)
    citation = content(search)[1]["citationsContent"]["citations"][0]
    assert citation["source"] == "https://example.com/a"
    assert citation["location"] == {
        "searchResultLocation": {"searchResultIndex": 0, "start": 0, "end": 1}
    }


def test_citations_are_streamed_behind_the_text_that_rests_on_them(client):
    documents, _ = sources()
    request = {"modelId": OPUS, "messages": user({"text": "Cite."}, documents[0])}
    whole = content(client.converse(**request))[1]["citationsContent"]

    deltas = [
        event["contentBlockDelta"]["delta"]
        for event in client.converse_stream(**request)["stream"]
        if event.get("contentBlockDelta", {}).get("contentBlockIndex") == 1
    ]

    assert "".join(delta.get("text", "") for delta in deltas) == whole["content"][0]["text"]
    assert deltas[-1] == {"citation": whole["citations"][0]}


def test_tools_of_the_service_are_run_before_the_answer(client):
    tools = {"tools": [{"systemTool": {"name": "web_search"}}, tool("f")]}

    whole = client.converse(modelId=SONNET, messages=HELLO, toolConfig=tools)
    again = client.converse(
        modelId=SONNET,
        messages=HELLO + [whole["output"]["message"]] + HELLO,
        toolConfig=tools,
    )

    text, call, result, cited = content(whole)
    assert call["toolUse"]["type"] == "server_tool_use"
    assert result["toolResult"]["toolUseId"] == call["toolUse"]["toolUseId"]
    assert "text" in text
    location = cited["citationsContent"]["citations"][0]["location"]
    assert location == {"web": {"url": "https://example.com/emulator", "domain": "example.com"}}
    assert whole["stopReason"] == again["stopReason"] == "end_turn"


def test_tools_that_were_removed_are_not_called(client):
    removal = {"role": "system", "content": [{"toolRemoval": {"tool": {"name": "first"}}}]}
    addition = {"role": "system", "content": [{"toolAddition": {"tool": {"name": "first"}}}]}
    tools = {"tools": [tool("first"), tool("second")], "toolChoice": {"any": {}}}

    def called(*changes):
        response = client.converse(
            modelId=SONNET_5, messages=HELLO + list(changes), toolConfig=tools
        )
        return content(response)[0]["toolUse"]["name"]

    assert [called(), called(removal), called(removal, addition)] == ["first", "second", "first"]


def test_nova_breaks_on_hyphens_in_the_name_of_a_tool(client):
    request = {
        "modelId": NOVA,
        "messages": HELLO,
        "toolConfig": {"tools": [tool("get-weather")], "toolChoice": {"any": {}}},
    }
    with pytest.raises(client.exceptions.ModelErrorException) as failed:
        client.converse(**request)
    stream = client.converse_stream(**request)["stream"]

    assert "invalid sequence as part of ToolUse" in str(failed.value)
    (start, _), (name, exception) = parsed(client, stream)
    assert (start, name) == ("messageStart", "modelStreamErrorException")
    assert "invalid sequence as part of ToolUse" in exception["message"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
        {"type": "array", "minItems": 3, "maxItems": 4, "items": {"enum": ["a", 1, None]}},
        {"type": "array", "uniqueItems": True, "minItems": 4, "items": {"type": "integer"}},
        {"type": "string", "minLength": 20, "maxLength": 21},
        {"type": "string", "format": "date-time"},
        {"type": "integer", "exclusiveMinimum": 4, "multipleOf": 5, "maximum": 10},
        {"type": "integer", "minimum": 1.5, "maximum": 2.5},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.25},
        {"type": ["null", "boolean"]},
        {"const": {"a": [1, 2.5]}},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        {"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"required": ["b"]}]},
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/a"}},
         "$defs": {"a": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}}},
        {"type": "object", "properties": {"next": {"$ref": "#"}, "n": {"type": "integer"}},
         "required": ["n"], "additionalProperties": False},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "object", "required": ["b"],
         "properties": {"b": {"type": "object", "required": ["c"], "properties": {"c": {"type": "object",
         "required": ["d"], "properties": {"d": {"type": "array", "minItems": 1, "items": {"type":
         "object", "required": ["e"], "properties": {"e": {"type": "boolean"}}}}}}}}}}}},
    ],
    ids=json.dumps,
)
def test_structured_output_fits_its_schema(client, schema):
    response = client.converse(
        modelId=SONNET,
        messages=HELLO,
        outputConfig={
            "textFormat": {
                "type": "json_schema",
                "structure": {"jsonSchema": {"schema": json.dumps(schema)}},
            }
        },
    )

    (block,) = content(response)
    jsonschema.validate(json.loads(block["text"]), schema)


def test_tokens_of_everything_a_prompt_can_hold_are_counted_as_they_are_used(client):
    documents, result = sources()
    request = {
        "system": [{"text": "Be brief."}],
        "messages": user({"text": "Cite."}, *documents, result)
        + [
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "f", "input": {"n": 1}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "t", "content": [{"json": {"m": 2}}]}}]},
        ],
        "toolConfig": {"tools": [tool("f")]},
    }
    counted = client.count_tokens(modelId=OPUS_BASE, input={"converse": request})
    used = client.converse(modelId=OPUS, **request)["usage"]
    less = client.count_tokens(modelId=OPUS_BASE, input={"converse": {"messages": HELLO}})

    assert counted["inputTokens"] == used["inputTokens"]
    assert counted["inputTokens"] > less["inputTokens"] + 20


@pytest.mark.parametrize(
    "wrong, text",
    [
        ({"messages": [{"role": "user", "content": []}]}, "is empty"),
        ({"messages": user({"text": "a"}, {"video": {"format": "mp4", "source": {"bytes": b"a"}}})}, "video"),
    ],
)
def test_what_a_model_does_not_take_is_not_counted_either(client, wrong, text):
    with pytest.raises(client.exceptions.ValidationException) as refused:
        client.count_tokens(modelId=OPUS_BASE, input={"converse": wrong})

    assert text in str(refused.value)
