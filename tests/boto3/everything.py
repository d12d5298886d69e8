"""Requests of which each is valid, and that together set every member of Converse."""

MODEL = "us.anthropic.claude-everything-v1:0"
PROMPT = "arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ:7"

PNG = b"\x89PNG\r\n\x1a\n"
S3 = {"s3Location": {"uri": "s3://bucket/key", "bucketOwner": "111122223333"}}
CITED = {"citations": {"enabled": True}}
CACHED = {"cachePoint": {"type": "default", "ttl": "5m"}}
SEARCH_RESULT = {
    "searchResult": {
        "source": "https://example.com/a",
        "title": "A page",
        "content": [{"text": "words"}],
        **CITED,
    }
}
GUARDED = [
    {"guardContent": {"text": {"text": "guarded", "qualifiers": ["query", "guard_content"]}}},
    {"guardContent": {"image": {"format": "png", "source": {"bytes": PNG}}}},
]
LOCATIONS = [
    {"web": {"url": "https://example.com/a", "domain": "example.com"}},
    {"documentChar": {"documentIndex": 0, "start": 1, "end": 2}},
    {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}},
    {"documentChunk": {"documentIndex": 0, "start": 1, "end": 2}},
    {"searchResultLocation": {"searchResultIndex": 0, "start": 1, "end": 2}},
]


def document(name, source, **more):
    return {"document": {"name": name, "source": source, **more}}


ASKED = [
    {"text": "What is this?"},
    {"image": {"format": "png", "source": {"bytes": PNG}}},
    {"image": {"format": "gif", "source": S3, "error": {"message": "none"}}},
    {"video": {"format": "mp4", "source": {"bytes": b"\x00\x00"}}},
    {"video": {"format": "mov", "source": S3}},
    {"audio": {"format": "mp3", "source": {"bytes": b"\x00\x00"}}},
    {"audio": {"format": "wav", "source": S3, "error": {"message": "none"}}},
    document("a", {"bytes": b"%PDF-1.7"}, format="pdf", context="a report", **CITED),
    document("b", S3, format="docx"),
    document("c", {"text": "words"}),
    document("d", {"content": [{"text": "a chunk"}]}),
    SEARCH_RESULT,
    CACHED,
]
ANSWERED = [
    {"reasoningContent": {"redactedContent": b"\x00\x01"}},
    {
        "citationsContent": {
            "content": [{"text": "said"}],
            "citations": [
                {"title": "t", "source": "s", "sourceContent": [{"text": "q"}], "location": location}
                for location in LOCATIONS
            ],
        }
    },
    {"toolUse": {"toolUseId": "s", "name": "search", "input": {}, "type": "server_tool_use"}},
    {"toolResult": {"toolUseId": "s", "content": [{"text": "found"}], "type": "search_result"}},
    {"toolUse": {"toolUseId": "t", "name": "f", "input": {"n": 1}}},
]
RESULT = {
    "toolResult": {
        "toolUseId": "t",
        "status": "success",
        "content": [
            {"text": "a"},
            {"json": {"n": 1.5}},
            {"image": {"format": "png", "source": {"bytes": PNG}}},
            document("e", {"text": "words"}),
            {"video": {"format": "mp4", "source": S3}},
            SEARCH_RESULT,
        ],
    }
}
CHANGES = [
    {"toolRemoval": {"tool": {"type": "tool", "name": "f"}}},
    {"toolAddition": {"tool": {"type": "mcp_tool", "name": "g", "serverName": "maps"}}},
]
TOOLS = [
    {
        "toolSpec": {
            "name": "f",
            "description": "a tool",
            "inputSchema": {"json": {"type": "object"}},
            "strict": True,
        }
    },
    {"systemTool": {"name": "search"}},
    {"cachePoint": {"type": "default", "ttl": "1h"}},
]


def requests(thought):
    """The requests; `thought` is a reasoning block that the model made."""
    return [
        {
            "modelId": MODEL,
            "system": [{"text": "Be brief."}, {"guardContent": GUARDED[0]["guardContent"]}, CACHED],
            "messages": [
                {"role": "user", "content": ASKED + GUARDED},
                {"role": "assistant", "content": [thought, *ANSWERED]},
                {"role": "user", "content": [RESULT]},
                {"role": "system", "content": CHANGES},
            ],
            "toolConfig": {"tools": TOOLS, "toolChoice": {"auto": {}}},
            "guardrailConfig": {
                "guardrailIdentifier": "abc123",
                "guardrailVersion": "7",
                "trace": "enabled_full",
            },
            "inferenceConfig": {
                "maxTokens": 100,
                "temperature": 0.5,
                "topP": 0.5,
                "stopSequences": ["STOP"],
            },
            "additionalModelRequestFields": {"top_k": 5},
            "additionalModelResponseFieldPaths": ["/stop_sequence"],
            "requestMetadata": {"team": "a"},
            "performanceConfig": {"latency": "optimized"},
            "serviceTier": {"type": "priority"},
        },
        {
            "modelId": MODEL,
            "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
            "outputConfig": {
                "effort": "high",
                "textFormat": {
                    "type": "json_schema",
                    "structure": {
                        "jsonSchema": {"schema": "{}", "name": "n", "description": "d"}
                    },
                },
            },
        },
        *[
            {
                "modelId": MODEL,
                "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
                "toolConfig": {"tools": TOOLS, "toolChoice": choice},
            }
            for choice in ({"any": {}}, {"tool": {"name": "f"}})
        ],
        {"modelId": PROMPT, "promptVariables": {"city": {"text": "Paris"}}},
    ]
