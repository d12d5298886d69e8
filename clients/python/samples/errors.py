"""What fails, how it is told, and what to do about it."""

import json
import os
import time
import urllib.request

import bedrock_gateway
from bedrock_gateway import GatewayError, InvalidRequest, Throttled, v1

ADDRESS = os.environ.get("GATEWAY_ADDRESS", "http://127.0.0.1:50051")
EMULATOR = os.environ.get("EMULATOR_URL")
MODEL = "claude-sonnet-4-5"
MOST_TRIES = 3


def throttle_once() -> None:
    """Has the emulator refuse the model's next call as Bedrock does when the rate is used up."""
    scenario = {"exception": {"name": "ThrottlingException"}, "times": 1}
    request = urllib.request.Request(
        f"{EMULATOR}/_emulator/scenarios/{MODEL}", json.dumps(scenario).encode(), method="PUT"
    )
    urllib.request.urlopen(request, timeout=10).close()


def patiently(client: bedrock_gateway.Client, request: v1.InvokeRequest) -> v1.InvokeResponse:
    """Calls again as long as the gateway says that this may help, and waits as long as it says."""
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            return client.invoke(request)
        except Throttled as error:
            if not tries_left or error.retry_delay is None:
                raise
            print(f"throttled: {error.reason}; waiting for {error.retry_delay}")
            time.sleep(error.retry_delay.total_seconds())
    raise AssertionError("the last try returns or raises")


with bedrock_gateway.connect(ADDRESS) as client:
    try:
        client.invoke(v1.InvokeRequest(inference_config=v1.InferenceConfig(max_tokens=0)))
    except InvalidRequest as error:
        print(f"refused: {error}")
        for violation in error.field_violations:
            print(f"  {violation.field} {violation.description} ({violation.reason})")
        print(f"  help: {error.help}")

    try:
        client.invoke(v1.InvokeRequest(model="no-such-model", prompt="Hi"))
    except GatewayError as error:
        print(f"failed: {error.code.name}, {error.reason}, retryable: {error.is_retryable}")
        print(f"  the operator finds it by the request id {error.request_id}")

    if EMULATOR is None:
        print("EMULATOR_URL is not set: set it to see how a throttled call is repeated")
    else:
        throttle_once()
        routing = v1.RoutingConfig(
            fallback_mode=v1.RoutingConfig.FALLBACK_MODE_DISABLED, max_attempts=1
        )
        answer = patiently(
            client, v1.InvokeRequest(model=MODEL, prompt="Hi", routing_config=routing)
        )
        print(f"answered after all: {answer.text}")
