"""What boto3 reads from ordinary answers."""

import json

import pytest
from conftest import DEEPSEEK, OPUS, OPUS_ARN, OPUS_BASE, SONNET

HELLO = [{"role": "user", "content": [{"text": "Hello there"}]}]
WEATHER = {
    "tools": [
        {
            "toolSpec": {
                "name": "weather",
                "description": "The weather somewhere",
                "inputSchema": {
                    "json": {
                        "type": "object",
                        "required": ["city", "days"],
                        "properties": {
                            "city": {"type": "string"},
                            "days": {"type": "integer", "minimum": 2},
                            "unit": {"enum": ["celsius", "kelvin"]},
                        },
                    }
                },
            }
        }
    ],
    "toolChoice": {"any": {}},
}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


def collect(response):
    """The events of a stream by kind, and the content blocks they make up."""
    kinds, blocks, last = [], {}, {}
    for event in response["stream"]:
        (kind, value), = event.items()
        kinds.append(kind)
        if kind == "contentBlockStart":
            blocks[value["contentBlockIndex"]] = {"start": value["start"], "input": ""}
        elif kind == "contentBlockDelta":
            block = blocks.setdefault(value["contentBlockIndex"], {})
            delta = value["delta"]
            if "text" in delta:
                block["text"] = block.get("text", "") + delta["text"]
            if "toolUse" in delta:
                block["input"] += delta["toolUse"]["input"]
            for name, part in delta.get("reasoningContent", {}).items():
                block[name] = block.get(name, "") + part
        else:
            last[kind] = value
    return kinds, [blocks[index] for index in sorted(blocks)], last


@pytest.mark.parametrize("model", [OPUS, OPUS_ARN])
def test_converse_answers_by_profile_id_and_by_arn(client, model):
    response = client.converse(modelId=model, messages=HELLO)

    assert response["output"]["message"]["content"][0]["text"].startswith("[emulator]")
    assert response["stopReason"] == "end_turn"
    usage = response["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
    assert response["metrics"]["latencyMs"] >= 0
    assert response["ResponseMetadata"]["RequestId"]


def test_converse_and_its_stream_say_the_same(client):
    whole = client.converse(modelId=SONNET, messages=HELLO)
    kinds, blocks, last = collect(client.converse_stream(modelId=SONNET, messages=HELLO))

    assert blocks[0]["text"] == whole["output"]["message"]["content"][0]["text"]
    assert kinds[0] == "messageStart"
    assert kinds[-2:] == ["messageStop", "metadata"]
    assert "contentBlockStart" not in kinds
    assert last["metadata"]["usage"] == whole["usage"]


def test_max_tokens_and_stop_sequences_end_the_answer(client, control):
    control.set("claude-opus-4-1", {"reply": {"text": "one two STOP three"}})

    short = client.converse(
        modelId=OPUS, messages=HELLO, inferenceConfig={"maxTokens": 1}
    )
    stopped = client.converse(
        modelId=OPUS,
        messages=HELLO,
        inferenceConfig={"stopSequences": ["STOP"]},
        additionalModelResponseFieldPaths=["/stop_sequence"],
    )

    assert short["stopReason"] == "max_tokens"
    assert short["usage"]["outputTokens"] == 1
    assert stopped["stopReason"] == "stop_sequence"
    assert stopped["output"]["message"]["content"] == [{"text": "one two "}]
    assert stopped["additionalModelResponseFields"] == {"stop_sequence": "STOP"}


def test_a_forced_tool_is_called_and_its_result_answered(client):
    first = client.converse(modelId=OPUS, messages=HELLO, toolConfig=WEATHER)
    message = first["output"]["message"]
    call = message["content"][0]["toolUse"]
    result = {
        "toolUseId": call["toolUseId"],
        "content": [{"json": {"sky": "blue"}}],
        "status": "success",
    }
    second = client.converse(
        modelId=OPUS,
        messages=HELLO + [message, {"role": "user", "content": [{"toolResult": result}]}],
        toolConfig={"tools": WEATHER["tools"]},
    )

    assert first["stopReason"] == "tool_use"
    assert call["name"] == "weather"
    assert call["input"]["days"] == 2
    assert call["input"]["unit"] in ("celsius", "kelvin")
    assert second["stopReason"] == "end_turn"
    assert "text" in second["output"]["message"]["content"][0]


def test_a_forced_tool_streams_its_arguments_as_partial_json(client):
    response = client.converse_stream(modelId=OPUS, messages=HELLO, toolConfig=WEATHER)
    kinds, blocks, last = collect(response)

    assert kinds[1] == "contentBlockStart"
    assert blocks[0]["start"]["toolUse"]["name"] == "weather"
    assert json.loads(blocks[0]["input"])["days"] == 2
    assert last["messageStop"]["stopReason"] == "tool_use"


def test_claude_signs_its_thoughts_and_takes_only_its_own_back(client):
    request = {"modelId": OPUS, "additionalModelRequestFields": THINKING}
    first = client.converse(messages=HELLO, **request)
    message = first["output"]["message"]
    again = HELLO + [message, {"role": "user", "content": [{"text": "And?"}]}]
    client.converse(messages=again, **request)

    thought = message["content"][0]["reasoningContent"]["reasoningText"]
    assert thought["signature"]
    thought["text"] += " forged"
    with pytest.raises(client.exceptions.ValidationException) as refused:
        client.converse(messages=again, **request)
    assert "Invalid `signature` in `thinking` block" in str(refused.value)


def test_thoughts_are_streamed_before_the_text_with_the_signature_last(client):
    response = client.converse_stream(
        modelId=OPUS, messages=HELLO, additionalModelRequestFields=THINKING
    )
    _, blocks, _ = collect(response)

    assert list(blocks[0]) == ["text", "signature"]
    assert blocks[1]["text"].startswith("[emulator]")


def test_deepseek_always_thinks_and_never_signs(client):
    response = client.converse(modelId=DEEPSEEK, messages=HELLO)

    thought, text = response["output"]["message"]["content"]
    assert list(thought["reasoningContent"]["reasoningText"]) == ["text"]
    assert "text" in text


def test_a_json_schema_is_filled(client):
    schema = {
        "type": "object",
        "required": ["name", "tags"],
        "properties": {
            "name": {"type": "string"},
            "tags": {"type": "array", "minItems": 2, "items": {"type": "string"}},
        },
    }
    response = client.converse(
        modelId=SONNET,
        messages=HELLO,
        outputConfig={
            "textFormat": {
                "type": "json_schema",
                "structure": {"jsonSchema": {"schema": json.dumps(schema), "name": "x"}},
            }
        },
    )

    value = json.loads(response["output"]["message"]["content"][0]["text"])
    assert len(value["tags"]) == 2


def test_cached_prompts_are_written_once_and_read_afterwards(client):
    messages = [
        {
            "role": "user",
            "content": [
                {"text": "unique prefix of the cache test " * 400},
                {"cachePoint": {"type": "default"}},
                {"text": "and a question"},
            ],
        }
    ]
    first = client.converse(modelId=SONNET, messages=messages)["usage"]
    second = client.converse(modelId=SONNET, messages=messages)["usage"]

    assert first["cacheWriteInputTokens"] > 1024
    assert first["cacheReadInputTokens"] == 0
    assert second["cacheReadInputTokens"] == first["cacheWriteInputTokens"]
    assert second["totalTokens"] == first["totalTokens"]


def test_invoke_model_speaks_anthropic_messages(client):
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    response = client.invoke_model(modelId=OPUS, body=json.dumps(body))

    message = json.loads(response["body"].read())
    assert message["type"] == "message"
    assert message["content"][0]["text"].startswith("[emulator]")
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    counted = headers["x-amzn-bedrock-output-token-count"]
    assert int(counted) == message["usage"]["output_tokens"]


def test_invoke_model_with_response_stream_ends_with_metrics(client):
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    }
    response = client.invoke_model_with_response_stream(
        modelId=OPUS, body=json.dumps(body)
    )

    chunks = [json.loads(event["chunk"]["bytes"]) for event in response["body"]]
    assert [chunks[0]["type"], chunks[-1]["type"]] == ["message_start", "message_stop"]
    text = "".join(
        chunk["delta"]["text"] for chunk in chunks if chunk["type"] == "content_block_delta"
    )
    assert text.startswith("[emulator]")
    assert chunks[-1]["amazon-bedrock-invocationMetrics"]["outputTokenCount"] > 0


def test_invoke_model_speaks_deepseeks_dialect(client):
    response = client.invoke_model(
        modelId=DEEPSEEK, body=json.dumps({"prompt": "Hello", "max_tokens": 2})
    )

    choice = json.loads(response["body"].read())["choices"][0]
    assert choice["stop_reason"] == "length"


def test_counted_tokens_are_those_of_the_usage(client):
    counted = client.count_tokens(
        modelId=OPUS_BASE, input={"converse": {"messages": HELLO}}
    )
    used = client.converse(modelId=OPUS, messages=HELLO)["usage"]

    assert counted["inputTokens"] == used["inputTokens"]


def test_tokens_of_a_raw_body_are_counted(client):
    body = json.dumps({"messages": [{"role": "user", "content": "Hello there"}]})
    counted = client.count_tokens(
        modelId=OPUS_BASE, input={"invokeModel": {"body": body}}
    )

    assert counted["inputTokens"] > 3


@pytest.mark.parametrize(
    "model, text",
    [
        (OPUS, "The provided model identifier is invalid."),
        ("deepseek.r1-v1:0", "The provided model doesn't support counting tokens."),
    ],
)
def test_tokens_are_counted_for_base_ids_of_claude_only(client, model, text):
    with pytest.raises(client.exceptions.ValidationException) as refused:
        client.count_tokens(modelId=model, input={"converse": {"messages": HELLO}})

    assert text in str(refused.value)
