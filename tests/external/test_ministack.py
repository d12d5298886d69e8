"""The gateway in front of an upstream nobody here wrote."""

import os
import socket

import pytest

from grpcurl import INFERENCE, call, wait_until_serving
from programs import ROOT, Gateway, Program, clean_environment

MINISTACK = os.environ.get("MINISTACK_BIN", str(ROOT / "target/venv-ministack/bin/ministack"))
MODEL = "claude-sonnet-4-5"
# The account in the registry's profile ARNs; ministack refuses those of others.
ACCOUNT = "394686422207"


def free_port():
    """A port that was free a moment ago: ministack cannot choose one itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def ministack():
    port = free_port()
    environment = clean_environment(
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        PYTHONUNBUFFERED="1",
    )
    with Program([MINISTACK], environment, merge_stderr=True) as running:
        running.wait_for(r"Running on http://")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def gateway(ministack):
    environment = clean_environment(
        AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY="no-secret",
        AWS_REGION="us-east-1",
    )
    with Gateway("--bedrock-endpoint", ministack, environment=environment) as running:
        wait_until_serving(running)
        yield running


def test_converse_answers_invoke(gateway):
    reply = call(gateway, f"{INFERENCE}/Invoke", {"model": MODEL, "prompt": "Hi"}).message()

    assert reply["text"].startswith("[ministack")
    assert reply["stopReason"] == "STOP_REASON_END_TURN"
    assert reply["metadata"]["model"] == MODEL
    assert reply["metadata"]["usage"]["outputTokens"] > 0
    (attempt,) = reply["metadata"]["attempts"]
    assert attempt["state"] == "STATE_SUCCEEDED"
    assert attempt["upstreamRequestId"]


def test_converse_stream_answers_invoke_stream(gateway):
    request = {"model": MODEL, "prompt": "Hi"}

    events = call(gateway, f"{INFERENCE}/InvokeStream", request).messages()

    text = "".join(event.get("contentBlockDelta", {}).get("text", "") for event in events)
    assert text.startswith("[ministack")
    assert events[-2]["messageStop"]["stopReason"] == "STOP_REASON_END_TURN"
    assert events[-1]["metadata"]["usage"]["outputTokens"] > 0


def test_long_invoke_gathers_the_stream(gateway):
    request = {"model": MODEL, "prompt": "Hi", "inference_config": {"max_tokens": 4000}}

    reply = call(gateway, f"{INFERENCE}/Invoke", request).message()

    assert reply["text"].startswith("[ministack")
