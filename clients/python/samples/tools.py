"""The model calls a tool, the program answers, and the model goes on."""

import json
import os

import bedrock_gateway
from bedrock_gateway import v1

ADDRESS = os.environ.get("GATEWAY_ADDRESS", "http://127.0.0.1:50051")
MOST_TURNS = 5

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
WEATHER = v1.ToolSpec(
    name="get_weather",
    description="Current weather in a city.",
    input_schema_json=json.dumps(SCHEMA),
)


def run(call: v1.ToolUseBlock) -> v1.ContentBlock:
    """Runs the tool that the model called, and wraps up its result."""
    arguments = json.loads(call.input_json or "{}")
    weather = {"city": arguments.get("city"), "sky": "clear", "celsius": 21}
    print(f"-- the model called {call.name}({call.input_json}); it got {weather}")
    result = v1.ToolResultBlock(
        tool_use_id=call.tool_use_id,
        content=[v1.ToolResultContentBlock(json=json.dumps(weather))],
        status=v1.ToolResultStatus.TOOL_RESULT_STATUS_SUCCESS,
    )
    return v1.ContentBlock(tool_result=result)


question = v1.Message(
    role=v1.Role.ROLE_USER, content=[v1.ContentBlock(text="What is the weather in Oslo?")]
)
request = v1.InvokeRequest(
    model="claude-sonnet-4-5",
    messages=[question],
    tool_config=v1.ToolConfig(
        tools=[v1.Tool(tool_spec=WEATHER)],
        # Only for the first turn: here, the model must call a tool.
        tool_choice=v1.ToolChoice(any=v1.AnyToolChoice()),
    ),
)

with bedrock_gateway.connect(ADDRESS) as client:
    for _ in range(MOST_TURNS):
        answer = client.invoke(request)
        if answer.stop_reason != v1.StopReason.STOP_REASON_TOOL_USE:
            break
        calls = [block.tool_use for block in answer.message.content if block.HasField("tool_use")]
        # The message goes back unmodified, and the results of all calls follow in one message.
        request.messages.append(answer.message)
        request.messages.append(
            v1.Message(role=v1.Role.ROLE_USER, content=[run(call) for call in calls])
        )
        request.tool_config.tool_choice.auto.SetInParent()

print(answer.text)
