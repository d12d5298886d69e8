"""Which model answers, what was tried before, and what it cost."""

import json
import os
import urllib.request

import bedrock_gateway
from bedrock_gateway import v1

ADDRESS = os.environ.get("GATEWAY_ADDRESS", "http://127.0.0.1:50051")
EMULATOR = os.environ.get("EMULATOR_URL")
FIRST, SECOND = "claude-opus-4-1", "claude-sonnet-4-5"


def break_once() -> None:
    """Has the emulator fail the first model's next call as Bedrock fails."""
    scenario = {"exception": {"name": "ThrottlingException"}, "times": 1}
    request = urllib.request.Request(
        f"{EMULATOR}/_emulator/scenarios/{FIRST}", json.dumps(scenario).encode(), method="PUT"
    )
    urllib.request.urlopen(request, timeout=10).close()


if EMULATOR is None:
    print("EMULATOR_URL is not set: set it to see the first model fail")
else:
    break_once()

request = v1.InvokeRequest(
    model=FIRST,
    prompt="Hi",
    routing_config=v1.RoutingConfig(fallback_models=[SECOND], max_attempts=3),
)
with bedrock_gateway.connect(ADDRESS) as client:
    answer = client.invoke(request)

for attempt in answer.metadata.attempts:
    state = v1.Attempt.State.Name(attempt.state).removeprefix("STATE_")
    why = ""
    if attempt.HasField("error"):
        why = f" {v1.ErrorReason.Name(attempt.error.reason)} ({attempt.error.upstream_error})"
    print(f"{attempt.number}. {attempt.model}: {state}{why}")
cost = answer.metadata.total_cost
print(f"{answer.metadata.model} answered, for {cost.total_nanos / 1e9:.6f} {cost.currency_code}")
